#pragma once

#include "base/bytes.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

/// tests/data/libp2p_vectors.json: what js-libp2p made from known seeds.
namespace wherry::test {

inline QJsonObject libp2pVectors() {
    QFile file(QStringLiteral(WHERRY_TEST_DATA "/libp2p_vectors.json"));
    if (!file.open(QIODevice::ReadOnly)) qFatal("no vectors");
    return QJsonDocument::fromJson(file.readAll()).object();
}

inline std::string textOf(const QJsonObject& object, const char* name) {
    return object[QLatin1String(name)].toString().toStdString();
}

inline Bytes bytesOf(const QJsonObject& object, const char* name) {
    return fromHex(textOf(object, name));
}

} // namespace wherry::test
