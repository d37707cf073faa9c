#pragma once

#include "base/random.h"
#include "codec/multiaddr.h"
#include "crypto/web_tls.h"
#include "runtime/settings.h"

#include <memory>
#include <string>
#include <vector>

namespace wherry::runtime {

/// What those are shown who open secure WebSockets to `listen`: the files that the settings name, or, when they name
/// none and only this device reaches those addresses, a certificate for localhost, kept in `home` with its key so that
/// a browser has to be told of it once. Null: no address is one of secure WebSockets. InvalidArgument: others reach it,
/// and there is no certificate. Errors name the setting and the file.
Result<std::shared_ptr<const crypto::WebCertificate>> webCertificate(const Settings& settings,
                                                                     const std::vector<codec::Multiaddr>& listen,
                                                                     const std::string& home, Random& random,
                                                                     UnixTime now);

/// The name by which others find the node that shows it: the first of its DNS names that names one host, which is not
/// this device's own "localhost"; empty: none does.
std::string nameIn(const crypto::WebCertificate& certificate);

/// Whom we believe who open them: the certificates of the file, or when it is empty, what the system trusts. Reads
/// files, hundreds of them on some systems.
Result<std::shared_ptr<const crypto::WebTrust>> webTrust(const std::string& file);

} // namespace wherry::runtime
