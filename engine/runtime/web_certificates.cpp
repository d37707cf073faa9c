#include "runtime/web_certificates.h"

#include "crypto/crypto_limits.h"
#include "runtime/rooted_dir.h"

#include <algorithm>

namespace wherry::runtime {

using crypto::WebCertificate;
using crypto::WebTrust;

namespace {

constexpr const char* kLocalhostFile = "localhost-certificate.pem";

Result<std::string> contentOf(const File& file) {
    // One byte more than allowed shows that there is more, also when the size lies.
    Bytes bytes(crypto::kMaxWebPemBytes + 1);
    TRY(const size_t count, file.readAt(0, bytes));
    bytes.resize(count);
    return std::string(asText(bytes));
}

Result<std::string> readFile(const char* setting, const std::string& path) {
    const auto file = openRootFile(path);
    if (!file) return file.error().within(setting);
    return contentOf(*file);
}

Result<std::shared_ptr<const WebCertificate>> given(const Settings& settings) {
    if (settings.webCertificate.empty() || settings.webCertificateKey.empty())
        return makeError(Errc::InvalidArgument, "network.certificate and network.certificate_key go together");
    TRY(const std::string chain, readFile("network.certificate", settings.webCertificate));
    TRY(const std::string key, readFile("network.certificate_key", settings.webCertificateKey));
    auto certificate = WebCertificate::fromPem(chain, key);
    if (!certificate)
        return certificate.error().within("network.certificate '" + settings.webCertificate +
                                          "' with network.certificate_key '" + settings.webCertificateKey + "'");
    return certificate;
}

Result<void> keep(const RootedDir& home, const std::string& pem, Random& random) {
    const std::string temporary = std::string(".") + kLocalhostFile + "." + toHex(random.bytes(8));
    const auto written = [&]() -> Result<void> {
        TRY(File file, home.createFile(temporary));
        TRY_OK(file.writeAt(0, asBytes(pem)));
        TRY_OK(file.sync());
        return home.rename(temporary, kLocalhostFile, WhenTaken::Replace);
    }();
    if (!written) (void)home.removeFile(temporary);
    return written;
}

/// The one of last time, or a new one when that has expired or is none.
Result<std::shared_ptr<const WebCertificate>> ofThisDevice(const std::string& path, Random& random, UnixTime now) {
    TRY(const RootedDir home, RootedDir::open(path));
    if (const auto file = home.openToRead(kLocalhostFile)) {
        TRY(const std::string pem, contentOf(*file));
        auto known = WebCertificate::fromPem(pem, pem);
        if (known && (*known)->expires() > now) return known;
    }
    TRY(const std::string pem, crypto::makeLocalhostPem(now));
    TRY_OK(keep(home, pem, random));
    return WebCertificate::fromPem(pem, pem);
}

} // namespace

Result<std::shared_ptr<const WebCertificate>> webCertificate(const Settings& settings,
                                                             const std::vector<codec::Multiaddr>& listen,
                                                             const std::string& home, Random& random, UnixTime now) {
    std::vector<codec::Multiaddr> secure;
    std::ranges::copy_if(listen, std::back_inserter(secure),
                         [](const auto& one) { return one.wssTarget().has_value(); });
    if (secure.empty()) return std::shared_ptr<const WebCertificate>();
    if (!settings.webCertificate.empty() || !settings.webCertificateKey.empty()) return given(settings);
    for (const codec::Multiaddr& address : secure)
        if (!address.wssTarget()->socket.ip.isLoopback())
            return makeError(Errc::InvalidArgument,
                             "network.certificate and network.certificate_key are to name the files of a certificate: "
                             "listening at " +
                                 address.text() + " takes one");
    return ofThisDevice(home, random, now);
}

std::string nameIn(const WebCertificate& certificate) {
    for (const std::string& name : certificate.dnsNames())
        if (name != "localhost" && codec::Multiaddr::parse("/dns/" + name + "/tcp/443/tls/ws")) return name;
    return {};
}

Result<std::shared_ptr<const WebTrust>> webTrust(const std::string& file) {
    if (file.empty()) return WebTrust::ofSystem();
    TRY(const std::string pem, readFile("network.trusted_certificates", file));
    auto trust = WebTrust::fromPem(pem);
    if (!trust) return trust.error().within("network.trusted_certificates '" + file + "'");
    return trust;
}

} // namespace wherry::runtime
