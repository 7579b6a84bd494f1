package org.xenvmc.migration.world;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Runs a class of tests once in each {@link WorldKind}. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ParameterizedClass(name = "{0}")
@ArgumentsSource(OverEveryWorld.Kinds.class)
public @interface OverEveryWorld {
    /** The kinds asked for by the property, all of them by default. */
    final class Kinds implements ArgumentsProvider {
        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            List<String> wanted =
                    List.of(System.getProperty("xenvmc.test.worlds", "").split(","));
            return Arrays.stream(WorldKind.values())
                    .filter(k -> wanted.contains("") && k.always() || wanted.contains(k.name()))
                    .map(Arguments::of);
        }
    }
}
