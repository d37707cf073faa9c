#include "runtime/key_store.h"

#include "runtime/runtime_limits.h"

#include <algorithm>

namespace wherry::runtime {

static constexpr const char* kFileName = "identity.key";

/// Overwrites key bytes in a way that the compiler keeps.
static void wipe(Bytes& bytes) {
    volatile uint8_t* at = bytes.data();
    for (size_t i = 0; i < bytes.size(); ++i) at[i] = 0;
}

Result<std::optional<crypto::Identity>> FileKeyStore::load() {
    TRY(std::optional<FileInfo> there, m_home.look(kFileName));
    if (!there) return std::optional<crypto::Identity>();
    TRY(File file, m_home.openToRead(kFileName)); // a plain file; the volume may be one that cannot be written
    TRY(FileInfo info, file.info());
    if (info.links != 1 || !info.ownedByUs)
        return makeError(Errc::PermissionDenied,
                         "'" + file.name() + "' " +
                             (info.ownedByUs ? "has other hard links" : "belongs to another user"));
    if (info.othersMayRead)
        return makeError(Errc::PermissionDenied,
                         "'" + file.name() +
                             "' can be read or changed by other users. If nobody has taken the key, make it "
                             "private (chmod 600); otherwise move it away and a new identity is made");
    auto damaged = [&](const std::string& why) {
        return makeError(Errc::Malformed,
                         "'" + file.name() + "' is damaged (" + why +
                             "). Restore it from a backup, or move it away and a new identity is made");
    };
    if (info.size > kMaxKeyFile) return damaged("too long");
    Bytes bytes(info.size);
    TRY(size_t count, file.readAt(0, bytes));
    bytes.resize(count);
    auto identity = crypto::Identity::decode(bytes);
    wipe(bytes);
    if (!identity) return damaged(identity.error().text());
    return std::optional<crypto::Identity>(std::move(*identity));
}

Result<void> FileKeyStore::create(const crypto::Identity& identity) {
    std::string temporary = std::string(".") + kFileName + "." + toHex(m_random.bytes(8));
    Bytes bytes = identity.encode();
    auto written = [&]() -> Result<void> {
        TRY(File file, m_home.createFile(temporary));
        TRY_OK(file.writeAt(0, bytes));
        TRY_OK(file.sync());
        TRY_OK(m_home.rename(temporary, kFileName, WhenTaken::Fail));
        return m_home.syncFolderOf(kFileName);
    }();
    wipe(bytes);
    if (!written) (void)m_home.removeFile(temporary);
    return written;
}

Result<crypto::Identity> loadOrCreateIdentity(KeyStore& keys, Random& random) {
    TRY(std::optional<crypto::Identity> known, keys.load());
    if (known) return std::move(*known);
    crypto::Identity identity = crypto::Identity::generate(random);
    TRY_OK(keys.create(identity));
    return identity;
}

} // namespace wherry::runtime
