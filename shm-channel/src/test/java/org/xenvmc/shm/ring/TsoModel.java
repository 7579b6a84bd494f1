package org.xenvmc.shm.ring;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * All that a few small programs can do to one another on a machine with total store order (x86-64): a store goes into a
 * buffer of its thread, and from there to memory at any later moment; a load sees the thread's own buffer first; fences,
 * atomic operations and system calls wait until the buffer is empty. Futexes are the kernel's: comparing and falling asleep
 * is one step.
 *
 * <p>Sources: Owens, Sarkar, Sewell, "A better x86 memory model: x86-TSO" (2009); futex(2).
 */
final class TsoModel {
    private static final int REGISTERS = 4;
    /** A processor has more; two suffice for every reordering of these programs, whose loads each follow at most two stores. */
    private static final int MOST_BUFFERED = 2;

    private static final int AWAKE = -1;
    private static final char END_OF_LIST = 0xffff;

    /** A step of a thread that others can notice; false when it cannot be done now. */
    private interface Op {
        boolean run(State s, int thread);
    }

    /** What happens between two such steps. */
    private interface Local {
        /** Returns the next program counter. */
        int run(int[] registers, int pc);
    }

    /** A sequential program; registers start with 0. */
    static final class Program {
        private final String name;
        private final List<Object> code = new ArrayList<>();
        private final Map<String, Integer> labels = new HashMap<>();

        Program(String name) {
            this.name = name;
        }

        Program label(String label) {
            labels.put(label, code.size());
            return this;
        }

        private Program op(Op op) {
            code.add(op);
            return this;
        }

        private Program local(Local local) {
            code.add(local);
            return this;
        }

        Program set(int register, int value) {
            return local((r, pc) -> {
                r[register] = value;
                return pc + 1;
            });
        }

        Program add(int register, int value) {
            return local((r, pc) -> {
                r[register] += value;
                return pc + 1;
            });
        }

        /** Goes there if the registers are so. */
        Program when(Predicate<int[]> condition, String label) {
            return local((r, pc) -> condition.test(r) ? target(label) : pc + 1);
        }

        Program go(String label) {
            return when(r -> true, label);
        }

        private int target(String label) {
            return labels.get(label);
        }

        Program store(int variable, int value) {
            return op((s, t) -> s.buffer(t, variable, value));
        }

        /** Stores what a register holds. */
        Program storeRegister(int variable, int register) {
            return op((s, t) -> s.buffer(t, variable, s.registers[t][register]));
        }

        Program load(int register, int variable) {
            return op((s, t) -> {
                s.registers[t][register] = s.seen(t, variable);
                return true;
            });
        }

        Program fence() {
            return op((s, t) -> s.buffers[t].length == 0);
        }

        /** membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED): a fence on every processor. */
        Program barrier() {
            return op((s, t) -> {
                for (int[] buffer : s.buffers) {
                    if (buffer.length > 0) {
                        return false; // the stores of the others reach memory before it returns, one by one
                    }
                }
                return true;
            });
        }

        Program fenceIf(boolean there) {
            return there ? fence() : this;
        }

        /** Exchanges atomically; the register gets what was there. */
        Program exchange(int register, int variable, int value) {
            return atomic(register, variable, old -> value);
        }

        /** Compares and sets atomically; the register gets what was there. */
        Program compareAndSet(int register, int variable, int expected, int value) {
            return atomic(register, variable, old -> old == expected ? value : old);
        }

        /** Sets bits atomically. */
        Program or(int register, int variable, int bits) {
            return atomic(register, variable, old -> old | bits);
        }

        private Program atomic(int register, int variable, java.util.function.IntUnaryOperator change) {
            return op((s, t) -> {
                if (s.buffers[t].length > 0) {
                    return false;
                }
                s.registers[t][register] = s.memory[variable];
                s.memory[variable] = change.applyAsInt(s.memory[variable]);
                return true;
            });
        }

        /** futex(FUTEX_WAIT). */
        Program sleepWhile(int variable, int value) {
            return op((s, t) -> {
                if (s.buffers[t].length > 0) {
                    return false;
                }
                if (s.memory[variable] == value) {
                    s.asleepOn[t] = variable;
                }
                return true;
            });
        }

        /** futex(FUTEX_WAKE). */
        Program wake(int variable) {
            return op((s, t) -> {
                if (s.buffers[t].length > 0) {
                    return false;
                }
                for (int i = 0; i < s.asleepOn.length; i++) {
                    s.asleepOn[i] = s.asleepOn[i] == variable ? AWAKE : s.asleepOn[i];
                }
                return true;
            });
        }
    }

    private static final class State {
        final int[] memory;
        final int[] pc;
        final int[][] registers;
        final int[][] buffers; // variable, value, variable, value ... oldest first
        final int[] asleepOn;

        State(int variables, int threads) {
            memory = new int[variables];
            pc = new int[threads];
            registers = new int[threads][REGISTERS];
            buffers = new int[threads][0];
            asleepOn = new int[threads];
            Arrays.fill(asleepOn, AWAKE);
        }

        State(State from) {
            memory = from.memory.clone();
            pc = from.pc.clone();
            registers = new int[from.registers.length][];
            buffers = from.buffers.clone();
            asleepOn = from.asleepOn.clone();
            for (int i = 0; i < registers.length; i++) {
                registers[i] = from.registers[i].clone();
            }
        }

        boolean buffer(int thread, int variable, int value) {
            int[] b = buffers[thread];
            if (b.length == 2 * MOST_BUFFERED) {
                return false;
            }
            int[] longer = Arrays.copyOf(b, b.length + 2);
            longer[b.length] = variable;
            longer[b.length + 1] = value;
            buffers[thread] = longer;
            return true;
        }

        void flushOldest(int thread) {
            int[] b = buffers[thread];
            memory[b[0]] = b[1];
            buffers[thread] = Arrays.copyOfRange(b, 2, b.length);
        }

        int seen(int thread, int variable) {
            int[] b = buffers[thread];
            for (int i = b.length - 2; i >= 0; i -= 2) {
                if (b[i] == variable) {
                    return b[i + 1];
                }
            }
            return memory[variable];
        }

        String key() {
            StringBuilder b = new StringBuilder();
            append(b, memory);
            append(b, pc);
            append(b, asleepOn);
            for (int t = 0; t < pc.length; t++) {
                append(b, registers[t]);
                append(b, buffers[t]);
                b.append(END_OF_LIST);
            }
            return b.toString();
        }

        private static void append(StringBuilder b, int[] numbers) {
            for (int n : numbers) {
                b.append((char) (n + 1));
            }
        }
    }

    private final int variables;
    private final List<Program> programs;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<State> states = new ArrayList<>();
    private final List<List<Integer>> before = new ArrayList<>();
    private int current;

    TsoModel(int variables, Program... programs) {
        this.variables = variables;
        this.programs = List.of(programs);
    }

    /** How many states there are. */
    int size() {
        return states.size();
    }

    /**
     * Explores all of them.
     *
     * @return a state, for people, from which there is no way to the end of all programs: somebody sleeps, or turns in
     *     circles, for ever; null if there is none
     */
    String findStuck() {
        State initial = new State(variables, programs.size());
        for (int t = 0; t < programs.size(); t++) {
            runLocals(initial, t);
        }
        visit(initial);
        for (current = 0; current < states.size(); current++) {
            State s = states.get(current);
            for (int t = 0; t < programs.size(); t++) {
                step(s, t);
                flush(s, t);
            }
        }
        int stuck = notLeadingToTheEnd().nextSetBit(0);
        return stuck < 0 ? null : describe(states.get(stuck));
    }

    private BitSet notLeadingToTheEnd() {
        BitSet left = new BitSet();
        left.set(0, states.size());
        Deque<Integer> todo = new ArrayDeque<>();
        for (int i = 0; i < states.size(); i++) {
            if (ended(states.get(i))) {
                left.clear(i);
                todo.add(i);
            }
        }
        while (!todo.isEmpty()) {
            for (int from : before.get(todo.poll())) {
                if (left.get(from)) {
                    left.clear(from);
                    todo.add(from);
                }
            }
        }
        return left;
    }

    private void step(State s, int t) {
        List<Object> code = programs.get(t).code;
        if (s.asleepOn[t] != AWAKE || s.pc[t] >= code.size()) {
            return;
        }
        State next = new State(s);
        if (((Op) code.get(s.pc[t])).run(next, t)) {
            next.pc[t]++;
            runLocals(next, t);
            visit(next);
        }
    }

    private void flush(State s, int t) {
        if (s.buffers[t].length > 0) {
            State next = new State(s);
            next.flushOldest(t);
            visit(next);
        }
    }

    private void runLocals(State s, int t) {
        List<Object> code = programs.get(t).code;
        while (s.pc[t] < code.size() && code.get(s.pc[t]) instanceof Local local) {
            s.pc[t] = local.run(s.registers[t], s.pc[t]);
        }
    }

    private void visit(State s) {
        Integer known = numbers.putIfAbsent(s.key(), states.size());
        int number = known == null ? states.size() : known;
        if (known == null) {
            states.add(s);
            before.add(new ArrayList<>(2));
        }
        before.get(number).add(current);
    }

    private boolean ended(State s) {
        for (int t = 0; t < programs.size(); t++) {
            if (s.pc[t] < programs.get(t).code.size() || s.asleepOn[t] != AWAKE) {
                return false;
            }
        }
        return true;
    }

    private String describe(State s) {
        StringBuilder text = new StringBuilder("memory " + Arrays.toString(s.memory));
        for (int t = 0; t < programs.size(); t++) {
            text.append("; ").append(programs.get(t).name).append(" at ").append(s.pc[t]);
            text.append(s.asleepOn[t] == AWAKE ? "" : " asleep on " + s.asleepOn[t]);
            text.append(" ").append(Arrays.toString(s.registers[t]));
        }
        return text.toString();
    }
}
