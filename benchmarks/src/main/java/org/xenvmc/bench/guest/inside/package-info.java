/** Programs that run inside the guests of the experiment: a mail server, a sender of mails, streams of data. */
package org.xenvmc.bench.guest.inside;
