from django.urls import path

from partners.views import agreements, applying, company, invitations, slack

urlpatterns = [
    path("apply/", applying.apply, name="apply"),
    path("apply/check/", applying.check_address, name="apply-check"),
    path("apply/status/", applying.status, name="apply-status"),
    path("apply/withdraw/", applying.withdraw, name="apply-withdraw"),
    path("apply/again/", applying.again, name="apply-again"),
    path("invitations/<int:pk>/join/", invitations.join, name="invitation-join"),
    path("invitations/<str:token>/", invitations.accept, name="invitation-accept"),
    path("company/", company.detail, name="company-detail"),
    path("company/<slug:slug>/", company.page, name="company-page"),
    path("company/<slug:slug>/agreements/", agreements.accept, name="company-agreements"),
    path("company/<slug:slug>/invite/", company.invite, name="company-invite"),
    path("company/<slug:slug>/invitations/<int:pk>/resend/", company.resend, name="invitation-resend"),
    path("company/<slug:slug>/invitations/<int:pk>/revoke/", company.revoke, name="invitation-revoke"),
    path("company/<slug:slug>/invitations/<int:pk>/restore/", company.restore_invitation, name="invitation-restore"),
    path("company/<slug:slug>/members/<int:pk>/role/", company.change_role, name="member-role"),
    path("company/<slug:slug>/members/<int:pk>/remove/", company.remove, name="member-remove"),
    path("company/<slug:slug>/members/removed/<int:pk>/restore/", company.restore_member, name="member-restore"),
    path("company/<slug:slug>/leave/", company.leave, name="company-leave"),
    path("company/<slug:slug>/hand-over/", company.hand_over, name="company-hand-over"),
    path("company/<slug:slug>/export/", company.export, name="company-export"),
    path("company/<slug:slug>/slack/", slack.page, name="company-slack"),
    path("company/<slug:slug>/slack/test/", slack.trial, name="company-slack-test"),
    path("company/<slug:slug>/slack/off/", slack.disconnect, name="company-slack-off"),
    path("company/<slug:slug>/archive/", company.archive, name="company-archive"),
    path("company/<slug:slug>/restore/", company.restore, name="company-restore"),
    path("company/<slug:slug>/delete/", company.delete, name="company-delete"),
    path("company/<slug:slug>/keep/", company.keep, name="company-keep"),
]
