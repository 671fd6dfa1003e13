/* An FST that a Verilated design writes, checked afterwards: the writer that Verilator brings along does not tell of a full disk. */
#ifndef QOSIM_COSIM_REGRESS_RTL_FST_FILE_H
#define QOSIM_COSIM_REGRESS_RTL_FST_FILE_H

#include <cstdint>
#include <memory>
#include <string>

#include "verilated.h"
#include "verilated_fst_c.h"

namespace qosim::regress
{

class FstFile
{
  public:
    // @top: any Verilated design that was made with --trace-fst; its context has traceEverOn(true).
    template <class Top> bool open(Top &top, const char *path)
    {
        path_ = path;
        changes_ = end_ = 0;
        writer_ = std::make_unique<VerilatedFstC>();
        top.trace(writer_.get(), 99);
        writer_->open(path);
        return writer_->isOpen();
    }
    void sample(uint64_t time)
    {
        if (writer_) {
            writer_->dump(time);
            end_ = time;
        }
    }
    // False when what can be read of the file is not all that was written. True when none is open.
    bool close()
    {
        if (!writer_) {
            return true;
        }
        writer_->close();
        writer_.reset();
        return reads_to_the_end();
    }

  private:
    static void count(void *self, uint64_t /*time*/, fstHandle /*signal*/, const unsigned char *)
    {
        static_cast<FstFile *>(self)->changes_++;
    }
    // The last blocks of a file tell of its signals, and the end is written into the first one at last.
    bool reads_to_the_end()
    {
        void *reader = fstReaderOpen(path_.c_str());
        bool whole = reader && fstReaderGetEndTime(reader) == end_;

        if (whole) {
            fstReaderSetFacProcessMaskAll(reader);
            whole = fstReaderIterBlocks(reader, count, this, nullptr) && changes_ > 0;
        }
        if (reader) {
            fstReaderClose(reader);
        }
        return whole;
    }

    std::string path_;
    std::unique_ptr<VerilatedFstC> writer_;
    uint64_t changes_ = 0, end_ = 0;
};

} // namespace qosim::regress

#endif
