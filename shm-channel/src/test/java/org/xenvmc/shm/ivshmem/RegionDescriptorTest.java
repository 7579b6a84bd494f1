package org.xenvmc.shm.ivshmem;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The numbers of docs/memory-layout.md. */
class RegionDescriptorTest {
    @Test
    void shouldKeepItsLayout() {
        int[] offsets = {
            RegionDescriptor.MAGIC_OFFSET,
            RegionDescriptor.VERSION_OFFSET,
            RegionDescriptor.PLACES_OFFSET,
            RegionDescriptor.REGION_BYTES_OFFSET,
            RegionDescriptor.PLACE_BYTES_OFFSET,
            RegionDescriptor.UUID_HIGH_OFFSET,
            RegionDescriptor.UUID_LOW_OFFSET,
            RegionDescriptor.EPOCH_OFFSET,
            RegionDescriptor.FORMATTER_OFFSET,
            RegionDescriptor.HEADER_BYTES,
            RegionDescriptor.OWNER_OFFSET,
            RegionDescriptor.HEARTBEAT_OFFSET,
            RegionDescriptor.GENERATION_OFFSET,
            RegionDescriptor.RINGS_OFFSET
        };
        assertThat(offsets)
                .containsExactly(0, 8, 12, 16, 24, 32, 40, 48, 128, 4096, 290_816, 290_944, 291_072, 294_912);
    }

    @Test
    void shouldDivideARegionIntoPlacesThatFit() {
        for (long bytes : new long[] {1 << 20, 4 << 20, 16 << 20, 64 << 20, 1 << 30}) {
            int places = RegionDescriptor.placesFor(bytes);
            long placeBytes = RegionDescriptor.placeBytes(bytes, places);
            assertThat(placeBytes % RegionDescriptor.PAGE).isZero();
            assertThat(RegionDescriptor.HEADER_BYTES + places * placeBytes).isLessThanOrEqualTo(bytes);
            assertThat(places).isBetween(2, 8);
        }
    }
}
