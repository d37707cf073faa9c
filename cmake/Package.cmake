# The installed package: libraries, headers, and what find_package(Wherry) reads. Programs link Wherry::Engine, which is engine/api and all
# that it stands on, and include <wherry/api/...>. The headers of the other folders come along because those of engine/api use them.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(WHERRY_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Wherry)

# wherry_export(TARGET NAME): TARGET is part of the package, as Wherry::NAME.
function(wherry_export TARGET NAME)
  set_target_properties(${TARGET} PROPERTIES EXPORT_NAME ${NAME})
  get_target_property(TYPE ${TARGET} TYPE)
  set(SCOPE PUBLIC)
  if(TYPE STREQUAL "INTERFACE_LIBRARY")
    set(SCOPE INTERFACE)
  endif()
  target_compile_features(${TARGET} ${SCOPE} cxx_std_20)
  install(TARGETS ${TARGET} EXPORT Wherry ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    # Within the engine a header is "FOLDER/NAME.h".
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${CMAKE_INSTALL_INCLUDEDIR}/wherry)
endfunction()

install(EXPORT Wherry NAMESPACE Wherry:: FILE WherryTargets.cmake DESTINATION ${WHERRY_PACKAGE_DIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/engine/ ${PROJECT_BINARY_DIR}/engine/wire/generated/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/wherry
  FILES_MATCHING PATTERN "*.h")
# What others implement our protocols from.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/engine/wire/ DESTINATION ${CMAKE_INSTALL_DATADIR}/wherry/wire FILES_MATCHING PATTERN "*.proto")

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/WherryConfig.cmake.in ${PROJECT_BINARY_DIR}/WherryConfig.cmake
  INSTALL_DESTINATION ${WHERRY_PACKAGE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/WherryConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/WherryConfig.cmake ${PROJECT_BINARY_DIR}/WherryConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/LinkedLibraries.cmake DESTINATION ${WHERRY_PACKAGE_DIR})
