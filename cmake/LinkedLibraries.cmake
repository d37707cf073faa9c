# The outside libraries that every program with the engine in it links: found here for our own build, and, by the same file, in the
# installed package for whoever builds on it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Network Sql)
find_package(Protobuf REQUIRED)
find_package(spdlog REQUIRED)

pkg_check_modules(GnuTLS REQUIRED IMPORTED_TARGET gnutls>=3.7.2)
pkg_check_modules(Sodium REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(Lz4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(QrEncode REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(Ngtcp2 REQUIRED IMPORTED_TARGET libngtcp2>=1.11 libngtcp2_crypto_gnutls>=1.11)
