/*
 * What the SystemVerilog package qosim_dpi_pkg imports: bus accesses, interrupt levels and virtual time of a Qosim
 * server, by handle. A simulator calls these; a C++ main calls qosim_dpi_stats() and qosim_dpi_lost() as well.
 *
 * Bridges that open the same URL share one session, so that several of them sit on one machine. All calls come from
 * the thread that evaluates the model. A handle that was never given or was closed answers SLVERR, once with a message.
 */
#ifndef QOSIM_COSIM_DPI_QOSIM_DPI_H
#define QOSIM_COSIM_DPI_QOSIM_DPI_H

#ifdef __cplusplus
extern "C" {
#endif

/* AXI responses, as the access functions return them. */
#define QOSIM_DPI_OKAY 0
#define QOSIM_DPI_SLVERR 2
#define QOSIM_DPI_DECERR 3

/* Not one of them: the access has not ended. */
#define QOSIM_DPI_PENDING (-1)

/* Opens @url as the driver of its machine. Returns a handle > 0, or 0 after a message on standard error. */
int qosim_dpi_open(const char *url);

/* Gives the handle back; the session ends with its last handle. */
void qosim_dpi_close(int handle);

/*
 * One access of @size 1, 2, 4 or 8 bytes at @addr; data is right-aligned, as in a CPU's register. Returns an AXI
 * response, or QOSIM_DPI_PENDING while the server waits for memory that a DMA port moves: then the caller lets its clock go
 * on and asks qosim_dpi_resume(). A handle has one access at a time. When the server is lost, this and every later access
 * answers SLVERR at once.
 */
int qosim_dpi_read(int handle, unsigned long long addr, int size, unsigned long long *data);
int qosim_dpi_write(int handle, unsigned long long addr, int size, unsigned long long data);

/* The response to the access that is pending, with a read's @data; QOSIM_DPI_PENDING as long as it is. */
int qosim_dpi_resume(int handle, unsigned long long *data);

/* Takes no interest in the pending access any more; it goes on, and its response is dropped. */
void qosim_dpi_reset(int handle);

/* Takes what the server sent by itself. Lets its clock catch up when the virtual time passed its next deadline, or was not
 * told for 1 ms.
 * Returns 1 if an interrupt level may have changed since the last call, 0 if none did, -1 if the server is lost. */
int qosim_dpi_poll(int handle);

/* Levels of interrupt lines 32 * @idx to 32 * @idx + 31, line 32 * @idx in bit 0. Sends nothing. */
unsigned int qosim_dpi_irq_word(int handle, int idx);

/* The virtual time, in ns since the server was opened, that goes with the next access or poll. It never goes back. */
void qosim_dpi_set_time(int handle, unsigned long long ns);

/* 1 when the server behind @handle is lost or the handle is none. */
int qosim_dpi_lost(int handle);

/*
 * A DMA port: moves what the server's devices want from and to RAM that is the design's (ram-home=client). One for each URL,
 * opened after the bridge of that URL; until it is there, and if it never is, such DMA fails. @base and @size are where
 * that RAM is on the machine's bus, all of it; size 0: anywhere that addresses of @address_bits reach. A machine whose RAM is
 * not inside is told and refused: its server counts as lost. Returns a handle > 0, or 0, with a message unless there is no
 * bridge. qosim_dpi_close() fails what is under way.
 */
int qosim_dpi_dma_open(const char *url, unsigned long long base, unsigned long long size,
                       int address_bits);

#define QOSIM_DPI_DMA_NONE 0
#define QOSIM_DPI_DMA_READ 1
#define QOSIM_DPI_DMA_WRITE 2

/*
 * The next beat on a bus of @bus_bytes (1, 2, 4 or 8): one of the above, with the word's address and the lanes that it is about;
 * a write's data are in those. Tells the same beat until qosim_dpi_dma_done().
 */
int qosim_dpi_dma_next(int handle, int bus_bytes, unsigned long long *addr,
                       unsigned long long *data, unsigned int *strb);

/* Beside the AXI responses: the memory did not answer. */
#define QOSIM_DPI_DMA_TIMEOUT (-1)

/* The beat is done, a read's @data in their lanes. Anything but OKAY fails the transfer: the device gets a bus error. */
void qosim_dpi_dma_done(int handle, int response, unsigned long long data);

/* The port is in reset until qosim_dpi_dma_next() is called again: DMA fails. */
void qosim_dpi_dma_reset(int handle);

/* Transfers that all DMA ports were asked for so far, and their bytes. */
void qosim_dpi_dma_stats(unsigned long long *transfers, unsigned long long *bytes);

/* Where messages go, each one line without its end; NULL: standard error, the default. */
typedef void qosim_dpi_log_fn(const char *message);
void qosim_dpi_set_log(qosim_dpi_log_fn *log);

/* Accesses made through all handles so far, and the wall-clock time in ns that they and polling took. */
void qosim_dpi_stats(unsigned long long *rpcs, unsigned long long *wait_ns);

#ifdef __cplusplus
}
#endif

#endif
