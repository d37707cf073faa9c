#pragma once

#include "api/engine.h"

#include <QObject>
#include <QQmlEngine>
#include <optional>

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
    Q_PROPERTY(QString folderName READ folderName NOTIFY changed)
    Q_PROPERTY(QUrl folderUrl READ folderUrl NOTIFY changed)
    Q_PROPERTY(bool asksAboutTrusted READ asksAboutTrusted NOTIFY changed)

  public:
    Receiving(EngineSession& engine, const api::LastingSettings& settings, const std::string& home, QObject* parent);

    bool wanted() const { return m_wanted; }
    void setWanted(bool wanted);
    /// Offers come to this window.
    bool active() const { return m_active; }
    /// Why they do not although they are wanted: another program takes them, the folder cannot be written to.
    QString problem() const { return m_problem; }
    QString folder() const;
    /// The last part of it.
    QString folderName() const;
    QUrl folderUrl() const;
    /// Offers of trusted devices, too, wait for an answer.
    bool asksAboutTrusted() const { return m_policy.accept == api::Accept::Ask; }
    const api::ReceivePolicy& policy() const { return m_policy; }

    /// The same for another folder, made if it is not there; nothing: it cannot be used, as `problem` then says.
    std::optional<api::ReceivePolicy> policyFor(const QString& folder, QString& problem) const;

    /// Why nothing can land in a folder that holds this program's own things; empty: it holds none of them.
    QString ownThingsProblem(const QString& folder) const;

    /// For what comes from now on.
    void takeUp(const api::LastingSettings& settings);

  signals:
    void changed();

  private:
    void read(const api::LastingSettings& settings);
    void apply();
    void onAnswer(const api::Event& event);

    EngineSession& m_engine;
    const std::string m_home;
    api::ReceivePolicy m_policy;
    bool m_wanted = true;
    bool m_active = false;
    QString m_problem;
};

} // namespace wherry::desktop
