/** Apache FtpServer, and the FTP client of commons-net. */
package programs.ftp;
