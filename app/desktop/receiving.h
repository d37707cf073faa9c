#pragma once

#include "api/engine.h"

#include <QObject>
#include <QQmlEngine>

namespace wherry::desktop {

class EngineSession;

/// How this device receives: whether, where to and what about names that are taken.
class Receiving final : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(bool wanted READ wanted WRITE setWanted NOTIFY changed)
    Q_PROPERTY(bool active READ active NOTIFY changed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)
    Q_PROPERTY(QString folder READ folder NOTIFY changed)
    Q_PROPERTY(QUrl folderUrl READ folderUrl NOTIFY changed)

  public:
    Receiving(EngineSession& engine, const api::LastingSettings& settings, const std::string& home, QObject* parent);

    bool wanted() const { return m_wanted; }
    void setWanted(bool wanted);
    /// Offers come to this window.
    bool active() const { return m_active; }
    /// Why they do not although they are wanted: another program takes them, the folder cannot be written to.
    QString problem() const { return m_problem; }
    QString folder() const;
    QUrl folderUrl() const;
    const api::ReceivePolicy& policy() const { return m_policy; }

    /// Where what comes from now on goes, for this run.
    Q_INVOKABLE void setFolder(const QUrl& folder);

  signals:
    void changed();

  private:
    void apply();
    bool prepareFolder();
    void onAnswer(const api::Event& event);

    EngineSession& m_engine;
    const std::string m_home;
    api::ReceivePolicy m_policy;
    bool m_wanted = true;
    bool m_active = false;
    QString m_problem;
};

} // namespace wherry::desktop
