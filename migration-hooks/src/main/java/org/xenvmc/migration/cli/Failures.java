package org.xenvmc.migration.cli;

import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Says what went wrong in one sentence where that is enough, and with a stack trace where nobody expected it. */
public final class Failures implements IExecutionExceptionHandler {
    /** Made by a command line. */
    public Failures() {}

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        if (e instanceof ParameterException wrong) {
            return report(err, name, wrong.getMessage(), ExitCode.USAGE);
        }
        if (e instanceof IOException) {
            return report(err, name, e.getMessage() == null ? e.toString() : e.getMessage(), ExitCode.SOFTWARE);
        }
        err.println(name + ": an error that should not happen; please report it");
        e.printStackTrace(err);
        err.flush();
        return ExitCode.SOFTWARE;
    }

    private static int report(PrintWriter err, String name, String message, int code) {
        err.println(name + ": " + message);
        if (code == ExitCode.USAGE) {
            err.println("Try '" + name + " --help'.");
        }
        err.flush();
        return code;
    }
}
