/** gRPC with the Netty that it brings. */
package programs.grpc;
