package org.xenvmc.migration.world;

import java.net.Socket;

/** The two ends of one connection of {@code java.net}. */
public record SocketPair(Socket client, Socket server) {}
