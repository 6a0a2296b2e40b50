/*
 * request_limits.h - options that `run`, `create` and `update` have alike:
 * limits, and the restart policy.
 *
 *     static const struct option options[] = {REQUEST_MEMORY, {0}};
 *
 * Each is a row of a table of option.h, said once.
 */
#ifndef REQUEST_LIMITS_H
#define REQUEST_LIMITS_H

#include "request.h"

/* clang-format off */
#define REQUEST_BLKIO_WEIGHT                                                   \
    {"blkio-weight", 0, &option_uint16, "HostConfig.BlkioWeight",              \
     "Share of block IO, between 10 and 1000, or 0 to leave it (default 0)"}
#define REQUEST_CPU_PERIOD                                                     \
    {"cpu-period", 0, &option_int, "HostConfig.CpuPeriod",                     \
     "Length of the scheduler's accounting period, in microseconds"}
#define REQUEST_CPU_QUOTA                                                      \
    {"cpu-quota", 0, &option_int, "HostConfig.CpuQuota",                       \
     "CPU time per period, in microseconds"}
#define REQUEST_CPU_RT_PERIOD                                                  \
    {"cpu-rt-period", 0, &option_int, "HostConfig.CpuRealtimePeriod",          \
     "Real-time period, in microseconds"}
#define REQUEST_CPU_RT_RUNTIME                                                 \
    {"cpu-rt-runtime", 0, &option_int, "HostConfig.CpuRealtimeRuntime",        \
     "Real-time CPU time per period, in microseconds"}
#define REQUEST_CPU_SHARES                                                     \
    {"cpu-shares", 'c', &option_int, "HostConfig.CpuShares",                   \
     "Share of CPU time when it is scarce (relative weight)"}
#define REQUEST_CPUS                                                           \
    {"cpus", 0, &option_cpus, "HostConfig.NanoCpus",                           \
     "Number of CPUs"}
#define REQUEST_CPUSET_CPUS                                                    \
    {"cpuset-cpus", 0, &option_string, "HostConfig.CpusetCpus",                \
     "CPUs in which to allow execution (0-3, 0,1)"}
#define REQUEST_CPUSET_MEMS                                                    \
    {"cpuset-mems", 0, &option_string, "HostConfig.CpusetMems",                \
     "Memory nodes in which to allow execution (0-3, 0,1)"}
#define REQUEST_KERNEL_MEMORY                                                  \
    {"kernel-memory", 0, &option_bytes, OPTION_NOT_YET,                        \
     "Kernel memory limit (gone from Linux)"}
#define REQUEST_MEMORY                                                         \
    {"memory", 'm', &option_bytes, "HostConfig.Memory",                        \
     "Memory limit"}
#define REQUEST_MEMORY_RESERVATION                                             \
    {"memory-reservation", 0, &option_bytes, "HostConfig.MemoryReservation",   \
     "Memory to be left with when memory is scarce"}
#define REQUEST_MEMORY_SWAP                                                    \
    {"memory-swap", 0, &request_swap, "HostConfig.MemorySwap",                 \
     "Limit of memory and swap together; -1: no limit of swap"}
#define REQUEST_PIDS_LIMIT                                                     \
    {"pids-limit", 0, &option_int, "HostConfig.PidsLimit",                     \
     "Most processes at a time; -1: no limit"}
#define REQUEST_RESTART                                                        \
    {"restart", 0, &request_restart, "HostConfig.RestartPolicy",               \
     "When to start again after an exit (no, on-failure[:max-retries], always, " \
     "unless-stopped; default \"no\")"}
/* clang-format on */

#endif
