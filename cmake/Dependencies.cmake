# Every outside library in one place; engine/CMakeLists.txt says which floor may use which.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Network Sql)
if(WHERRY_TESTS)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Test)
  find_package(Qt6 6.4 QUIET OPTIONAL_COMPONENTS DBus)
endif()
find_package(Protobuf REQUIRED)
find_package(spdlog REQUIRED)

pkg_check_modules(GnuTLS REQUIRED IMPORTED_TARGET gnutls>=3.7.2)
pkg_check_modules(Sodium REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(Lz4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(QrEncode REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(Ngtcp2 REQUIRED IMPORTED_TARGET libngtcp2>=1.11 libngtcp2_crypto_gnutls>=1.11)

# Used as headers alone, in one source file: some systems also ship a compiled library, others do not.
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
add_library(wherry_tomlplusplus INTERFACE)
target_include_directories(wherry_tomlplusplus SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE})

find_path(NLOHMANN_JSON_INCLUDE nlohmann/json.hpp REQUIRED)
add_library(wherry_nlohmann_json INTERFACE)
target_include_directories(wherry_nlohmann_json SYSTEM INTERFACE ${NLOHMANN_JSON_INCLUDE})

find_path(IPSEC_MB_INCLUDE intel-ipsec-mb.h)
find_library(IPSEC_MB_LIBRARY IPSec_MB)
if(IPSEC_MB_INCLUDE AND IPSEC_MB_LIBRARY)
  add_library(wherry_ipsec_mb INTERFACE)
  target_include_directories(wherry_ipsec_mb SYSTEM INTERFACE ${IPSEC_MB_INCLUDE})
  target_link_libraries(wherry_ipsec_mb INTERFACE ${IPSEC_MB_LIBRARY})
  target_compile_definitions(wherry_ipsec_mb INTERFACE WHERRY_HAVE_IPSEC_MB=1)
endif()
