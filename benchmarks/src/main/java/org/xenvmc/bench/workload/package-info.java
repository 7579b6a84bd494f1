/** netperf-style workloads; the same code runs over every transport. */
package org.xenvmc.bench.workload;
