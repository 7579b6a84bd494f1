package org.xenvmc.bench.session;

import org.xenvmc.bench.netty.NettyRoute;

/**
 * Netty on a route.
 *
 * @param name short name
 * @param route what carries its channels
 */
public record NettyContender(String name, NettyRoute route) implements Contender {
    @Override
    public Session open(BenchEnvironment environment, String figure) throws MeasurementException {
        NettySession session = new NettySession(environment, figure, this);
        try {
            session.connect();
            return session;
        } catch (MeasurementException | RuntimeException e) {
            session.close();
            throw e;
        }
    }
}
