/**
 * What the transport counts, for those who collect it: {@link org.xenvmc.transport.metrics.VmcMetrics Micrometer}, {@link
 * org.xenvmc.transport.metrics.TransportManagement JMX} and the JDK's flight recorder. All of it is read when somebody asks;
 * nothing is done for each read or write.
 */
package org.xenvmc.transport.metrics;
