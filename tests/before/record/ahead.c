/* Puts the clock of a process 2,300,000,000 s ahead, into the year 2099: what it records expires
 * after this project does. Loaded by LD_PRELOAD; only the wall clock is changed. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define AHEAD_S 2300000000L

int clock_gettime(clockid_t clock, struct timespec *at) {
	int failed = (int)syscall(SYS_clock_gettime, clock, at);
	if (failed == 0 && clock == CLOCK_REALTIME) at->tv_sec += AHEAD_S;
	return failed;
}
