/*
 * frame.h - what a container's monitor and those who talk to it say.
 *
 * A connection is a socket of type SOCK_SEQPACKET (unix(7)): one frame sent is
 * one frame received, and a death is seen as end of file. A frame is one byte
 * that tells its kind, and what belongs to it.
 *
 *     who asks                             the monitor
 *     FRAME_ASK {"do": "attach", ...}  ->
 *                                      <-  FRAME_ANSWER {...}
 *     FRAME_INPUT bytes                ->
 *                                      <-  FRAME_TAKEN
 *                                      <-  FRAME_OUTPUT, FRAME_ERROR bytes
 *     FRAME_INPUT_END                  ->
 *     FRAME_SIZE, FRAME_SIGNAL         ->
 *                                      <-  FRAME_END exit code
 *
 * FRAME_TAKEN answers every FRAME_INPUT when its bytes are on their way, and
 * the next one waits for it: a container that does not read its input must not
 * keep a signal from getting through behind it. Requests and answers are JSON;
 * what they mean is the engine's business (chapter 13).
 *
 * The caller owns the descriptors. Needs nothing. Fork-safe.
 */
#ifndef FRAME_H
#define FRAME_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_kind {
    FRAME_ASK = 'q',
    FRAME_ANSWER = 'a',
    FRAME_INPUT = '0',
    FRAME_OUTPUT = '1',
    FRAME_ERROR = '2',
    FRAME_INPUT_END = 'e',
    FRAME_TAKEN = 't',
    FRAME_SIZE = 's',   /* struct frame_size */
    FRAME_SIGNAL = 'k', /* an int: the signal's number */
    FRAME_END = 'x', /* an int: the exit code; what could not be cleaned up */
};

struct frame_size {
    uint16_t rows, columns;
};

/* The most bytes that one frame carries. */
enum { FRAME_MOST = 32 * 1024 };

struct frame {
    enum frame_kind kind;
    size_t len;
    char bytes[FRAME_MOST + 1]; /* and a zero behind them */
};

/* Send and receive one. 0, or -errno: -EAGAIN where the other side's queue is
 * full, or empty, and the descriptor does not block; -EPIPE where the other
 * side is gone. No SIGPIPE. */
int frame_send(int fd, enum frame_kind kind, const void *bytes, size_t len);
int frame_receive(int fd, struct frame *ret);

#endif
