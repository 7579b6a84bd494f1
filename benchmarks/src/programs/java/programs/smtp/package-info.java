/** The mail server SubEtha SMTP, and Jakarta Mail. */
package programs.smtp;
