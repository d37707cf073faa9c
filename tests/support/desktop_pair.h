#pragma once

#include "desktop/app.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

/// Two apps over real engines with homes of their own, on loopback, for tests of the desktop app.
namespace wherry::test {

/// Milliseconds for anything that ought to happen at once, on the slowest machine.
inline constexpr int kPatienceMs = 120'000;

struct DesktopSide {
    explicit DesktopSide(const std::string& alias) : app(settings(folder, alias)) {}
    ~DesktopSide() { app.stop(); }

    static api::Settings settings(const QTemporaryDir& folder, const std::string& alias) {
        api::Settings settings;
        QDir(folder.path()).mkpath("Downloads");
        settings.home = folder.filePath("home").toStdString();
        settings.out = folder.filePath("Downloads").toStdString();
        settings.alias = alias;
        settings.mdns = false;
        settings.listen = {api::Multiaddr::parse("/ip4/127.0.0.1/udp/0/quic-v1").value()};
        settings.attach = api::Attach::IfRunning;
        settings.watchAll = true;
        return settings;
    }
    bool start() {
        return app.start().has_value() && QTest::qWaitFor([this] { return app.receiving()->active(); }, kPatienceMs);
    }
    QString in(const QString& name) const { return folder.filePath("Downloads/" + name); }
    QString make(const QString& name, const QByteArray& content) const {
        const QString path = folder.filePath(name);
        QDir().mkpath(QFileInfo(path).path());
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()) return {};
        return path;
    }

    QTemporaryDir folder;
    desktop::App app;
};

struct DesktopPair {
    explicit DesktopPair(const std::string& annasName = "Anna's laptop") : anna(annasName) {}
    bool start() { return anna.start() && bert.start(); }
    /// What Anna has gathered goes to Bert, by his address.
    bool offer(const QList<QString>& paths) {
        QList<QUrl> urls;
        for (const QString& path : paths) urls.append(QUrl::fromLocalFile(path));
        anna.app.draft()->add(urls);
        return QTest::qWaitFor([&] { return anna.app.draft()->count() == paths.size(); }, kPatienceMs) &&
               anna.app.draft()->sendToTarget(bert.app.addresses().value(0));
    }
    desktop::Offer* asked() {
        (void)QTest::qWaitFor([this] { return bert.app.offers()->current() != nullptr; }, kPatienceMs);
        return bert.app.offers()->current();
    }

    DesktopSide anna;
    DesktopSide bert{"Bert's desktop"};
};

inline QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(not there)");
}

} // namespace wherry::test
