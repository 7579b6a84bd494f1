package org.xenvmc.migration.hook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/** Google's and Azure's notices, from servers that act like theirs. */
class CloudNoticesTest {
    private static final String MIGRATE = "MIGRATE_ON_HOST_MAINTENANCE";
    private static final Duration OFTEN = Duration.ofMillis(5);
    private static final String LEAVE = "prepare EARLY 30000 null";

    private final RecordingHook vm = new RecordingHook();

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(OFTEN);
    }

    @Test
    void shouldLeaveForEveryMigrationOfGoogles() throws Exception {
        try (MetadataServers.Google server = new MetadataServers.Google();
                GoogleMaintenance source = GoogleMaintenance.watch(server.address(), vm)) {
            soon().until(server::wasAsked); // else there would be no first notice
            assertThat(server.event(MIGRATE)).isTrue();
            vm.await(LEAVE, "finish");
            server.over();
            vm.await(LEAVE, "finish", "resumed null");
            soon().until(server::wasAsked); // else there would be no second one
            assertThat(server.event(MIGRATE)).isTrue();
            vm.await(LEAVE, "finish", "resumed null", LEAVE, "finish");
            assertThat(vm.ids).hasSize(2);
            assertThat(source.name()).contains("google");
        }
    }

    @Test
    void shouldIgnoreATermination() throws Exception {
        try (MetadataServers.Google server = new MetadataServers.Google();
                GoogleMaintenance source = GoogleMaintenance.watch(server.address(), vm)) {
            soon().until(server::wasAsked);
            server.event("TERMINATE_ON_HOST_MAINTENANCE");
            int before = server.requests.size();
            soon().until(() -> server.requests.size() > before);
            assertThat(server.event(MIGRATE)).isTrue();

            vm.await(LEAVE, "finish");
            assertThat(source.name()).isNotEmpty();
        }
    }

    @Test
    void shouldSeeWhatChangedWhileTheServerFailed() throws Exception {
        try (MetadataServers.Google server = new MetadataServers.Google();
                GoogleMaintenance source = GoogleMaintenance.watch(server.address(), vm)) {
            soon().until(server::wasAsked);
            server.failNext(1);
            server.event(MIGRATE);

            vm.await(LEAVE, "finish");
            assertThat(source.name()).isNotEmpty();
        }
    }

    @Test
    void shouldNotBelieveAServerThatIsNotGoogles() throws Exception {
        try (MetadataServers.Google server = new MetadataServers.Google()) {
            server.sayWhoIAm = false;
            server.event(MIGRATE);
            try (GoogleMaintenance source = GoogleMaintenance.watch(server.address(), vm)) {
                soon().until(() -> server.requests.size() >= 2);
                assertThat(vm.calls).isEmpty();
                assertThat(source.name()).isNotEmpty();
            }
        }
    }

    @Test
    void shouldTryAgainToResumeAfterAMigrationOfGoogles() throws Exception {
        vm.refused.add("resumed");
        try (MetadataServers.Google server = new MetadataServers.Google();
                GoogleMaintenance source = GoogleMaintenance.watch(server.address(), vm)) {
            soon().until(server::wasAsked);
            server.event(MIGRATE);
            vm.await(LEAVE, "finish");
            server.over();
            vm.await(LEAVE, "finish", "resumed null (refused)");
            vm.refused.clear();

            vm.await(LEAVE, "finish", "resumed null (refused)", "resumed null");
            assertThat(source.name()).isNotEmpty();
        }
    }

    @Test
    void shouldLetAFreezeStartOnceItHasLeft() throws Exception {
        try (MetadataServers.Azure server = new MetadataServers.Azure();
                AzureScheduledEvents source = AzureScheduledEvents.watch(server.address(), OFTEN, vm)) {
            server.schedule("e1", "Freeze", "vm-0", "VM-1");
            vm.await(LEAVE, "finish");
            soon().until(() -> server.started.contains("e1"));
            server.over("e1");
            vm.await(LEAVE, "finish", "resumed null");

            assertThat(server.started).containsExactly("e1");
            assertThat(source.name()).contains("azure");
        }
    }

    @Test
    void shouldIgnoreEventsOfOthersAndOfOtherKinds() throws Exception {
        try (MetadataServers.Azure server = new MetadataServers.Azure()) {
            server.schedule("e1", "Freeze", "vm-0");
            server.schedule("e2", "Reboot", "vm-1");
            try (AzureScheduledEvents source = AzureScheduledEvents.watch(server.address(), OFTEN, vm)) {
                soon().until(() -> server.requests.size() > 5);
                assertThat(vm.calls).isEmpty();
                assertThat(server.started).isEmpty();
                assertThat(source.name()).isNotEmpty();
            }
        }
    }

    @Test
    void shouldNotHurryAFreezeThatTheVmRefused() throws Exception {
        vm.refused.add("finish");
        try (MetadataServers.Azure server = new MetadataServers.Azure();
                AzureScheduledEvents source = AzureScheduledEvents.watch(server.address(), OFTEN, vm)) {
            server.schedule("e1", "Freeze", "vm-1");
            vm.await(LEAVE, "finish (refused)", "aborted");
            int before = server.requests.size();
            soon().until(() -> server.requests.size() > before + 3);

            assertThat(server.started).isEmpty();
            assertThat(vm.calls).hasSize(3);
            assertThat(source.name()).isNotEmpty();
        }
    }

    @Test
    void shouldLeaveLateRatherThanNeverWhenAFreezeHasStarted() throws Exception {
        try (MetadataServers.Azure server = new MetadataServers.Azure()) {
            server.schedule("e1", "Freeze", "vm-1");
            server.status("e1", "Started");
            try (AzureScheduledEvents source = AzureScheduledEvents.watch(server.address(), OFTEN, vm)) {
                vm.await(LEAVE, "finish");
                assertThat(server.started).isEmpty();
                assertThat(source.name()).isNotEmpty();
            }
        }
    }
}
