/* main_program.h - the running daemon: store, router, links, and the loop that drives them. */
#ifndef MAIN_PROGRAM_H
#define MAIN_PROGRAM_H

#define EXIT_STORE 74 /* the store cannot be opened, or is lost */

/* Reads and checks the file. 0, or an exit status with what is wrong on standard error. */
int program_check(const char *path);

/* Prints the values in force. Likewise. */
int program_print(const char *path);

/* Serves until a signal ends it; returns the exit status. */
int program_run(const char *path);

#endif
