#pragma once

#include "api/engine.h"

#include <QAbstractListModel>
#include <QFileSystemWatcher>
#include <QQmlEngine>
#include <QTimer>
#include <QUrl>
#include <map>

namespace wherry::desktop {

class EngineSession;

/// Every setting of the engine's one table, with its value, and the file that keeps them. A change is written to the
/// file at once, which keeps all else that the person has written there, and is taken up by what runs as far as that is
/// possible; what an editor changes in the file is taken up too.
class SettingsModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count CONSTANT)
    Q_PROPERTY(QStringList groups READ groups CONSTANT)
    Q_PROPERTY(QString file READ file CONSTANT)
    Q_PROPERTY(QString problem READ problem NOTIFY problemChanged)
    Q_PROPERTY(bool restartWanted READ restartWanted NOTIFY changed)
    Q_PROPERTY(QString theme READ theme NOTIFY changed)

  public:
    enum Role {
        KeyRole = Qt::UserRole + 1,
        GroupRole,
        TitleRole,
        ExplanationRole,
        KindRole,    ///< "switch", "number", "duration", "rate", "choice", "text", "folder", "addresses"
        ValueRole,   ///< as it is typed
        AmountRole,  ///< of a duration or a rate: "10" of "10 Mbit/s"
        UnitRole,    ///< "Mbit/s"
        UnitsRole,   ///< to choose from
        ChoicesRole, ///< in words
        ChoiceRole,  ///< index among them
        AllowedRole, ///< "1 to 10000"
        DefaultRole, ///< for people
        IsDefaultRole,
        LiveRole,    ///< false: takes a restart
        PendingRole, ///< changed, and in force only after a restart
        PassingRole, ///< the file says something else: it is so for this run alone
        ErrorRole,   ///< why the last change was not made
    };
    Q_ENUM(Role)

    /// `now`: what runs; `path`: of the file.
    SettingsModel(EngineSession& engine, const api::LastingSettings& now, const std::string& path, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return rowCount(); }
    QStringList groups() const;
    QString file() const;
    /// What is wrong with the file: where, which key, what is allowed; empty: nothing.
    QString problem() const { return m_problem; }
    /// Something has been changed that what runs does not take up.
    bool restartWanted() const;
    QString theme() const;
    const api::LastingSettings& now() const { return m_now; }

    Q_INVOKABLE QString groupTitle(const QString& group) const;
    /// `value` as a person types it. False: nothing has changed; ErrorRole says why.
    Q_INVOKABLE bool change(const QString& key, const QString& value);
    /// The same with the words that the page has for it.
    Q_INVOKABLE bool choose(const QString& key, int choice);
    Q_INVOKABLE bool chooseFolder(const QString& key, const QUrl& folder);
    Q_INVOKABLE bool reset(const QString& key);
    /// In the file manager.
    Q_INVOKABLE void showFile();
    QString errorOf(const QString& key) const;

  signals:
    void failed(const QString& why);
    void changed();
    void problemChanged();

  private:
    int rowOf(const std::string& key) const;
    api::Result<void> write(const std::string& key, const std::string& value);
    void readAgain();
    void takeUp(const std::string& text);
    void apply();
    void setProblem(const QString& problem);
    void fail(const std::string& key, const QString& why);
    void watch();

    EngineSession& m_engine;
    const std::vector<api::SettingInfo> m_table;
    const api::LastingSettings m_started;
    const std::string m_path;
    std::string m_text; ///< of the file, as it was last seen
    api::LastingSettings m_file;
    api::LastingSettings m_now;
    QString m_problem;
    std::map<std::string, QString> m_errors;
    QFileSystemWatcher m_watcher;
    QTimer m_settle; ///< editors write in several steps
};

} // namespace wherry::desktop
