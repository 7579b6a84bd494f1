package org.xenvmc.migration.cost;

import java.util.Map;
import java.util.SortedMap;

/** See {@link DirtyModel#measured}. */
final class MeasuredModel implements DirtyModel {
    private final long[] ns;
    private final long[] pages;

    MeasuredModel(SortedMap<Long, Long> pagesByNs) {
        if (pagesByNs.isEmpty() || pagesByNs.firstKey() <= 0) {
            throw new IllegalArgumentException("no measurement, or one that took no time: " + pagesByNs);
        }
        ns = new long[pagesByNs.size() + 1];
        pages = new long[ns.length];
        int i = 1;
        for (Map.Entry<Long, Long> point : pagesByNs.entrySet()) {
            ns[i] = point.getKey();
            pages[i] = Math.max(pages[i - 1], point.getValue());
            i++;
        }
    }

    @Override
    public long pagesWithin(long time) {
        int right = 1;
        while (right < ns.length - 1 && ns[right] < time) {
            right++;
        }
        int left = right - 1;
        double slope = (double) (pages[right] - pages[left]) / (ns[right] - ns[left]);
        return (long) Math.ceil(pages[left] + slope * (time - ns[left]));
    }
}
