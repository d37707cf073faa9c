#include "runtime/spill_file.h"

#include <QFile>
#include <QTemporaryFile>

namespace wherry::runtime {

namespace {

/// What is written is read again soon, or not at all: a buffer of Qt's would only be a copy more.
class UnbufferedFile final : public QTemporaryFile {
  public:
    using QTemporaryFile::QTemporaryFile;
    bool openIt() { return open(ReadWrite | Unbuffered); }
};

class SpillFile final : public Spill {
  public:
    explicit SpillFile(const std::string& folder) : m_file(QFile::decodeName((folder + "/.spill-XXXXXX").c_str())) {}

    bool open() { return m_file.openIt(); }

    Result<void> write(uint64_t offset, ByteView bytes) override {
        const auto size = static_cast<qint64>(bytes.size());
        if (m_file.seek(static_cast<qint64>(offset)) &&
            m_file.write(reinterpret_cast<const char*>(bytes.data()), size) == size)
            return {};
        return makeError(Errc::Io, "the file for what does not stay in memory: " + m_file.errorString().toStdString());
    }

    Result<void> read(uint64_t offset, MutableBytes out) override {
        const auto size = static_cast<qint64>(out.size());
        if (m_file.seek(static_cast<qint64>(offset)) && m_file.read(reinterpret_cast<char*>(out.data()), size) == size)
            return {};
        return makeError(Errc::Io, "the file for what does not stay in memory: " + m_file.errorString().toStdString());
    }

  private:
    UnbufferedFile m_file;
};

} // namespace

std::unique_ptr<Spill> makeSpillFile(const std::string& folder) {
    auto spill = std::make_unique<SpillFile>(folder);
    if (!spill->open()) return nullptr;
    return spill;
}

} // namespace wherry::runtime
