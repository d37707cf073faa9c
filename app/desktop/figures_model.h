#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <vector>

namespace wherry::desktop {

/// A figure and what it says, for people.
struct Figure {
    QString title;
    QString value;  ///< may be empty
    QString detail; ///< may be empty
    bool operator==(const Figure&) const = default;
};

/// Figures that change while somebody looks at them: a row stays where it is.
class FiguresModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

  public:
    enum Role { TitleRole = Qt::UserRole + 1, ValueRole, DetailRole };
    Q_ENUM(Role)

    explicit FiguresModel(QObject* parent) : QAbstractListModel(parent) {}

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return rowCount(); }

    void show(std::vector<Figure> figures);

  signals:
    void countChanged();

  private:
    std::vector<Figure> m_figures;
};

} // namespace wherry::desktop
