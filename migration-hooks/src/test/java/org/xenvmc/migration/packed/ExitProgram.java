package org.xenvmc.migration.packed;

/** Says what it was started with, and ends with that. */
final class ExitProgram {
    private ExitProgram() {}

    public static void main(String[] args) {
        System.out.println("argument " + args[0]);
        System.out.println("deny " + System.getProperty("xenvmc.deny"));
        System.out.println("spin " + System.getProperty("xenvmc.spin.ns"));
        System.out.println("JAVA_TOOL_OPTIONS " + System.getenv("JAVA_TOOL_OPTIONS"));
        System.exit(Integer.parseInt(args[0]));
    }
}
