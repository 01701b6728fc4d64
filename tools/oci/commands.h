/* SPDX-License-Identifier: MIT */
/* One function for each command: argv[0] is its name; the exit code is returned. */
#ifndef CT_OCI_COMMANDS_H
#define CT_OCI_COMMANDS_H

int command_create(int argc, char **argv);
int command_start(int argc, char **argv);
int command_run(int argc, char **argv);
int command_exec(int argc, char **argv);
int command_state(int argc, char **argv);
int command_list(int argc, char **argv);
int command_ps(int argc, char **argv);
int command_kill(int argc, char **argv);
int command_delete(int argc, char **argv);
int command_pause(int argc, char **argv);
int command_resume(int argc, char **argv);
int command_update(int argc, char **argv);
int command_events(int argc, char **argv);
int command_spec(int argc, char **argv);
int command_features(int argc, char **argv);

#endif
