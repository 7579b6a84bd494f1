package org.xenvmc.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.USE_JAVA_UTIL_LOGGING;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rooms, the arrows between them, and who may use which library. */
class ArchitectureTest {
    private static final String TRANSPORT = "org.xenvmc.transport..";
    private static final String MICROMETER = "io.micrometer..";
    private static final String NETTY_TRANSPORT = "org.xenvmc.transport.netty";
    private static final String CLI = "org.xenvmc.migration.cli..";
    private static final String BENCH = "org.xenvmc.bench..";

    private static final String BENCH_NETTY = "org.xenvmc.bench.netty";
    private static final String BENCH_GUEST = "org.xenvmc.bench.guest";

    /** Runs before main, when asking for a logger would choose the program's logging system. */
    private static final String AGENT = "org.xenvmc.transport.agent";

    /** Classes that need a JVM flag, which an application does not have. */
    private static final String AGRONAS_BUFFERS =
            "org\\.agrona\\.(UnsafeApi|concurrent\\.(\\w*UnsafeBuffer|\\w+Queue|ringbuffer\\.\\w*RingBuffer))";

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages("org.xenvmc");

    @Test
    void shouldNeedOnlyTheJdkWhenItIsPartOfTheApi() {
        classes()
                .that()
                .resideInAPackage(TRANSPORT)
                .and()
                .resideOutsideOfPackage(NETTY_TRANSPORT)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        TRANSPORT, "java..", "javax.net..", "jdk.net..", "jdk.jfr..", "javax.management..", MICROMETER)
                .check(ALL);
    }

    @Test
    void shouldUseWhatIsOptionalOnlyBehindACatch() {
        for (Map.Entry<String, String> use : Map.of(
                        "jdk.jfr..",
                        "Recorde(r|dEvents)",
                        MICROMETER,
                        "VmcMetrics",
                        "javax.management..",
                        "(TransportManagement|HeapQuestion)")
                .entrySet()) {
            noClasses()
                    .that()
                    .haveNameNotMatching(
                            "org\\.xenvmc\\.(transport\\.metrics|migration\\.cost)\\." + use.getValue() + "(\\$.*)?")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(use.getKey())
                    .check(ALL);
        }
    }

    @ParameterizedTest
    @CsvSource({"shm,tcp", "shm,migration", "shm,bench", "tcp,shm", "tcp,migration", "tcp,bench", "migration,bench"})
    void shouldNotKnowRoomsThatDependOnIt(String room, String other) {
        noClasses()
                .that()
                .resideInAPackage("org.xenvmc." + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.xenvmc." + other + "..")
                .check(ALL);
    }

    @ParameterizedTest
    @CsvSource({
        "com.sun.jna..,org.xenvmc.shm.syscall,",
        "io.netty..,org.xenvmc.tcp.netty," + BENCH_NETTY,
        "net.openhft..,org.xenvmc.migration.journal,",
        "org.knowm..,org.xenvmc.migration.vmdemo," + BENCH_GUEST
    })
    void shouldUseALibraryInOnePackageOfARoom(String library, String user, String bench) {
        noClasses()
                .that()
                .resideOutsideOfPackages(user, bench == null ? user : bench, NETTY_TRANSPORT)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(ALL);
    }

    /** They need Chronicle Queue and its flags, or charts, or QEMU, and are not in the jar for applications. */
    @Test
    void shouldNotKnowTheAgentWhenItIsSomethingElse() {
        String[] hosts = {
            "org.xenvmc.migration.agent",
            "org.xenvmc.migration.journal",
            "org.xenvmc.migration.vm..",
            "org.xenvmc.migration.vmdemo",
        };
        noClasses()
                .that()
                .resideOutsideOfPackages(hosts)
                .and()
                .resideOutsideOfPackage(BENCH)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(hosts)
                .check(ALL);
    }

    /** It is for applications that bring Netty; without Netty everything else has to work. */
    @Test
    void shouldNotKnowTheNettyTransportWhenItIsSomethingElse() {
        noClasses()
                .that()
                .resideOutsideOfPackages(NETTY_TRANSPORT, BENCH_NETTY)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(NETTY_TRANSPORT)
                .check(ALL);
    }

    @Test
    void shouldNotNeedFlagsForAgrona() {
        noClasses()
                .that()
                .resideOutsideOfPackage(BENCH)
                .should()
                .dependOnClassesThat()
                .haveNameMatching(AGRONAS_BUFFERS)
                .check(ALL);
    }

    @Test
    void shouldNotUseTheInsideOfTheJdk() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("sun..", "jdk.internal..")
                .check(ALL);
    }

    @Test
    void shouldNotPrintWhenItIsALibrary() {
        noClasses()
                .that()
                .resideOutsideOfPackages(CLI, BENCH, AGENT)
                .should(ACCESS_STANDARD_STREAMS)
                .orShould(USE_JAVA_UTIL_LOGGING)
                .check(ALL);
    }

    @Test
    void shouldHaveEachPackageInOneModule() {
        Map<String, Set<String>> places = new TreeMap<>();
        for (JavaClass type : ALL) {
            String uri = type.getSource().orElseThrow().getUri().toString();
            String module = uri.substring(0, uri.length() - type.getFullName().length() - ".class".length());
            places.computeIfAbsent(type.getPackageName(), name -> new TreeSet<>())
                    .add(module);
        }
        assertThat(places).hasSizeGreaterThan(4);
        assertThat(places.entrySet()).allMatch(place -> place.getValue().size() == 1);
    }
}
