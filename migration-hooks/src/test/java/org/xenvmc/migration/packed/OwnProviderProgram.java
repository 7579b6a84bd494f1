package org.xenvmc.migration.packed;

import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;

/** A program with a provider of asynchronous channels of its own, which a file on its class path names. */
final class OwnProviderProgram {
    private OwnProviderProgram() {}

    /** Stands for somebody's provider; makes nothing. */
    public static final class Own extends AsynchronousChannelProvider {
        /** Called by the JDK. */
        public Own() {}

        @Override
        public AsynchronousChannelGroup openAsynchronousChannelGroup(int threads, ThreadFactory factory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AsynchronousChannelGroup openAsynchronousChannelGroup(ExecutorService executor, int initialSize) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(AsynchronousChannelGroup group) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AsynchronousSocketChannel openAsynchronousSocketChannel(AsynchronousChannelGroup group) {
            throw new UnsupportedOperationException();
        }
    }

    public static void main(String[] args) {
        System.out.println(
                "provider=" + AsynchronousChannelProvider.provider().getClass().getName());
    }
}
