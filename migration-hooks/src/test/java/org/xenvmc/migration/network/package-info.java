/** Tests in real network namespaces. */
package org.xenvmc.migration.network;
