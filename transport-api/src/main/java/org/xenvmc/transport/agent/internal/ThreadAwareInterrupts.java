package org.xenvmc.transport.agent.internal;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.Arrays;
import org.xenvmc.transport.net.InterruptPolicy;
import org.xenvmc.transport.spi.VirtualThreads;

/**
 * As the JDK's own sockets: an interrupt closes the socket in which a virtual thread is blocked and means nothing to a platform
 * thread. For that the hook that a channel of the JDK lends to a blocked thread is replaced.
 */
final class ThreadAwareInterrupts implements InterruptPolicy {
    private final Field hook;
    private final Class<?> hookType;
    /** Newer JDKs call the hook twice, the second time without holding a lock: that is when closing is allowed. */
    private final boolean closesLater;

    private ThreadAwareInterrupts(Field hook) {
        this.hook = hook;
        this.hookType = hook.getType();
        this.closesLater =
                Arrays.stream(hookType.getMethods()).anyMatch(m -> m.getName().equals("postInterrupt"));
    }

    /** Looks whether this JDK has the hook, and whether it can be made by us. */
    static ThreadAwareInterrupts create() throws ReflectiveOperationException {
        Field hook = AbstractInterruptibleChannel.class.getDeclaredField("interruptor");
        hook.setAccessible(true);
        ThreadAwareInterrupts policy = new ThreadAwareInterrupts(hook);
        policy.hookFor(() -> {});
        return policy;
    }

    @Override
    public boolean closes(Thread blocked) {
        return VirtualThreads.isVirtual(blocked);
    }

    @Override
    public void apply(AbstractInterruptibleChannel channel, Runnable closeByInterrupt) {
        try {
            hook.set(channel, hookFor(closeByInterrupt));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("create() has made it accessible", e);
        }
    }

    private Object hookFor(Runnable closeByInterrupt) {
        return Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {hookType}, new Hook(closeByInterrupt));
    }

    private final class Hook implements InvocationHandler {
        private final Runnable closeByInterrupt;
        private volatile boolean closing;

        Hook(Runnable closeByInterrupt) {
            this.closeByInterrupt = closeByInterrupt;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            switch (method.getName()) {
                case "interrupt":
                    if (closes((Thread) arguments[0])) {
                        closing = true;
                        return closesLater ? null : close();
                    }
                    return null;
                case "postInterrupt":
                    return closing ? close() : null;
                case "equals":
                    return proxy == arguments[0];
                case "hashCode":
                    return System.identityHashCode(proxy);
                default:
                    return "hook of " + closeByInterrupt;
            }
        }

        private Object close() {
            closeByInterrupt.run();
            return null;
        }
    }
}
