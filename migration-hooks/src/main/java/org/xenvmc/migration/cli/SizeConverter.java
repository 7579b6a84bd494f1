package org.xenvmc.migration.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes such as 4096, 64k, 96m, 1g: powers of 1024. */
public final class SizeConverter implements ITypeConverter<Long> {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})([kmgt]?)", Pattern.CASE_INSENSITIVE);

    /** Made by picocli. */
    public SizeConverter() {}

    @Override
    public Long convert(String value) {
        Matcher m = SIZE.matcher(value);
        if (!m.matches()) {
            throw new TypeConversionException("'" + value + "' is not a size such as 4096, 64k, 96m or 1g");
        }
        int shift = m.group(2).isEmpty() ? 0 : 10 * ("kmgt".indexOf(m.group(2).toLowerCase(java.util.Locale.ROOT)) + 1);
        long number = Long.parseLong(m.group(1));
        if (number > Long.MAX_VALUE >> shift) {
            throw new TypeConversionException("'" + value + "' is too large");
        }
        return number << shift;
    }
}
