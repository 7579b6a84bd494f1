package org.xenvmc.bench.report;

/**
 * One row of the report. A number that does not exist is NaN.
 *
 * @param id the figure, or figure.part
 * @param ours this library's median
 * @param peer the peer's median
 * @param unit of both
 * @param ratio how many times better than the peer: the median over pairs of rounds
 * @param low lower quartile of the pairs' ratios
 * @param high upper quartile of the pairs' ratios
 * @param goal what was aimed at, in words; empty for a row that is only information
 * @param met whether the goal was met; null without a goal
 * @param error why the figure could not be measured; null when it could
 */
public record FigureResult(
        String id,
        double ours,
        double peer,
        String unit,
        double ratio,
        double low,
        double high,
        String goal,
        Boolean met,
        String error) {

    /** A row for a figure that could not be measured: its goal is not met. */
    public static FigureResult failed(String id, String goal, String error) {
        double none = Double.NaN;
        return new FigureResult(id, none, none, "", none, none, none, goal, Boolean.FALSE, error);
    }

    /** A row of information that this machine does not give: nothing is missed. */
    public static FigureResult unavailable(String id, String why) {
        double none = Double.NaN;
        return new FigureResult(id, none, none, "", none, none, none, "", null, why);
    }

    /** The same row under another id, with another goal and outcome. */
    public FigureResult as(String newId, String newGoal, Boolean newMet) {
        return new FigureResult(newId, ours, peer, unit, ratio, low, high, newGoal, newMet, error);
    }

    /** Whether it could not be measured where it should have been. */
    public boolean failed() {
        return error != null && met != null;
    }

    /** Whether there is a goal and it was missed. */
    public boolean missed() {
        return Boolean.FALSE.equals(met);
    }
}
