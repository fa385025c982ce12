from django.urls import path

from workspaces.pages import audit_log, invitations, landing, members, profile, settings

app_name = "workspaces"
urlpatterns = [
    path("workspaces/", landing.landing, name="landing"),
    path("workspaces/new/", landing.create, name="create"),
    path("account/", profile.profile, name="profile"),
    path("invitations/<str:key>/", invitations.show, name="invitation"),
    path("invitations/<str:key>/accept/", invitations.accept, name="accept-invitation"),
    path("w/<slug:slug>/members/", members.index, name="members"),
    path("w/<slug:slug>/members/invite/", invitations.invite, name="invite"),
    path("w/<slug:slug>/members/invitations/<uuid:pk>/revoke/", invitations.revoke, name="revoke-invitation"),
    path("w/<slug:slug>/members/leave/", members.leave, name="leave"),
    path("w/<slug:slug>/members/<uuid:pk>/", members.show, name="member"),
    path("w/<slug:slug>/members/<uuid:pk>/change-role/", members.change_role, name="change-role"),
    path("w/<slug:slug>/members/<uuid:pk>/remove/", members.remove, name="remove-member"),
    path("w/<slug:slug>/settings/", settings.index, name="settings"),
    path("w/<slug:slug>/settings/rename/", settings.rename, name="rename"),
    path("w/<slug:slug>/settings/delete/", settings.delete, name="delete"),
    path("w/<slug:slug>/settings/audit-log/", audit_log.audit_log, name="audit-log"),
]
