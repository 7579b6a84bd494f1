# A machine without an operating system that writes to its memory at a known rate, for QemuMigrationTest.
#
# Writes to each of its pages once, says "R" on the first serial line, and then writes to the pages of a working set, one
# after the other and round and round, one page each TICKS ticks of the timer (1,193,182 per second).
#
#   as --32 -o dirtier.o dirtier.S && ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o dirtier dirtier.o &&
#   xxd -p -c 32 dirtier > dirtier.hex
        .code16
        .globl _start
_start: cli
        xorw    %ax, %ax
        movw    %ax, %ds
        lgdt    gdtr
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmp    $8, $flat

        .code32
flat:   movw    $16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        inb     $0x92, %al              # the 21st address line
        orb     $2, %al
        outb    %al, $0x92
        movb    $0x34, %al              # timer 0 counts down from 65,536, again and again
        outb    %al, $0x43
        xorb    %al, %al
        outb    %al, $0x40
        outb    %al, $0x40

        movl    $0x100000, %edi
        movl    pages, %ecx
fill:   movl    %ecx, (%edi)            # never zero: pages of zeros are not sent
        addl    $4096, %edi
        loop    fill

        movw    $0x3f8, %dx
        movb    $'R', %al
        outb    %al, %dx

        movl    working, %ecx
        jecxz   idle
        shll    $12, %ecx
        addl    $0x100000, %ecx         # end of the working set
        movl    $0x100000, %edi
        xorl    %esi, %esi              # ticks not used yet
        xorl    %ebp, %ebp              # timer at the last look
again:  xorb    %al, %al
        outb    %al, $0x43              # hold what timer 0 says now
        xorl    %ebx, %ebx
        inb     $0x40, %al
        movb    %al, %bl
        inb     $0x40, %al
        movb    %al, %bh
        movl    %ebp, %eax
        subl    %ebx, %eax
        andl    $0xffff, %eax
        movl    %ebx, %ebp
        addl    %eax, %esi
write:  cmpl    ticks, %esi
        jb      again
        subl    ticks, %esi
        incl    4(%edi)
        addl    $4096, %edi
        cmpl    %ecx, %edi
        jb      write
        movl    $0x100000, %edi
        jmp     write
idle:   hlt
        jmp     idle

        .balign 8
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdtr:   .word   23
        .long   gdt

        .org    498                     # parameters
pages:  .long   1
working: .long  0
ticks:  .long   1
        .word   0xaa55
