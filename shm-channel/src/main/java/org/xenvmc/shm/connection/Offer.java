package org.xenvmc.shm.connection;

import org.xenvmc.shm.connection.Connection.Tuple;

/**
 * An offer of rings as the accepting end has it.
 *
 * @param from who offers
 * @param connection the connection in the offerer's table
 * @param offer its number
 * @param mirrored the connection's addresses as this end sees them
 * @param deadlineNs until when it is kept if it cannot be answered
 */
record Offer(Vm from, Message.Ref connection, long offer, Tuple mirrored, long deadlineNs) {}
