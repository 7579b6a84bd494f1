/**
 * The host agent: knows who is on a host, tells VMs of migrations, keeps a journal. A program of its own
 * (xenvmc-agent.jar), never part of the jar for applications.
 */
package org.xenvmc.migration.agent;
