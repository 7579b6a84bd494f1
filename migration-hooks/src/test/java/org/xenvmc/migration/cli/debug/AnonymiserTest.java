package org.xenvmc.migration.cli.debug;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnonymiserTest {
    private final Anonymiser anonymiser = new Anonymiser().word("jane", "user").word("mill", "machine");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.1.2.3:80 and 10.1.2.3         | ipv4-private-1:80 and ipv4-private-1",
                "198.51.100.7 to 192.168.0.1      | ipv4-public-1 to ipv4-private-1",
                "127.0.0.1 0.0.0.0 ::1 ::         | 127.0.0.1 0.0.0.0 ::1 ::",
                "[fe80::1%eth0]:9                 | [ipv6-link-1]:9",
                "[fd00:0:0:0:0:0:0:1] fd00::1     | [ipv6-private-1] ipv6-private-1",
                "2001:db8::5                      | ipv6-public-1",
                "version 1.2.3.4.5, 17.0.15       | version 1.2.3.4.5, 17.0.15",
                "at 12:34:56 o'clock              | at 12:34:56 o'clock",
                "2026-01-02T03:04:05Z             | 2026-01-02T03:04:05Z",
                "org.xenvmc.shm::call 999.1.1.1   | org.xenvmc.shm::call 999.1.1.1",
                "/dev/shm/xenvmc-jane on mill     | /dev/shm/xenvmc-user-1 on machine-1",
                "janet milled                     | janet milled"
            })
    void shouldReplaceWhatNamesSomebody(String text, String expected) {
        assertThat(anonymiser.apply(text)).isEqualTo(expected);
    }

    @Test
    void shouldReplaceTheSameByTheSameInAllTexts() {
        assertThat(anonymiser.apply("10.0.0.1 10.0.0.2")).isEqualTo("ipv4-private-1 ipv4-private-2");
        assertThat(anonymiser.apply("10.0.0.2")).isEqualTo("ipv4-private-2");
    }
}
