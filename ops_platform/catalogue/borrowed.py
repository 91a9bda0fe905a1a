"""Sentences of Django and allauth that our pages show, whose own Chinese differs from ours in words and tone."""

from __future__ import annotations

from ops_platform.catalogue.collect import Sentence

_PLAIN = (
    # allauth: forms
    "This account is currently inactive.",
    "You cannot remove your primary email address (%(email)s).",
    "This email address is already associated with this account.",
    "The email address and/or password you specified are not correct.",
    "A user is already registered with this email address.",
    "Please type your current password.",
    "Incorrect password.",
    "The password reset token was invalid.",
    "You cannot add more than %d email addresses.",
    "Too many failed login attempts. Try again later.",
    "Be patient, you are sending too many requests.",
    "The email address is not assigned to any user account.",
    "Your primary email address must be verified.",
    "The new value must be different from the current one.",
    "You must type the same password each time.",
    "Email",
    "Email address",
    "Password",
    "Password (again)",
    "Current Password",
    "New Password",
    "New Password (again)",
    "Forgot your password?",
    # allauth: notices
    "Confirmation email sent to %(email)s.",
    "You have confirmed %(email)s.",
    "Removed email address %(email)s.",
    "Successfully signed in as %(name)s.",
    "You have signed out.",
    "Password successfully changed.",
    "Password successfully set.",
    "Primary email address set.",
    # allauth: mails
    "Hello from %(site_name)s!",
    "Thank you for using %(site_name)s!\n%(site_domain)s",
    "Password Reset Email",
    (
        "You're receiving this email because you or someone else has requested a password reset for your user account.\n"
        "It can be safely ignored if you did not request a password reset. Click the link below to reset your password."
    ),
    (
        "You are receiving this email because you, or someone else, tried to access an account with email %(email)s. "
        "However, we do not have any record of such an account in our database."
    ),
    "Unknown Account",
    "This mail can be safely ignored if you did not initiate this action.",
    "If it was you, you can sign up for an account using the link below.",
    "Please Confirm Your Email Address",
    (
        "You're receiving this email because user %(user_display)s has given your email address to register an account "
        "on %(site_domain)s."
    ),
    "To confirm this is correct, go to %(activate_url)s",
    # allauth: pages without a template of our own
    "Verify Your Email Address",
    (
        "We have sent an email to you for verification. Follow the link provided to finalize the signup process. If you "
        "do not see the verification email in your main inbox, check your spam folder. Please contact us if you do not "
        "receive the verification email within a few minutes."
    ),
    "Confirm Email Address",
    "Confirm",
    ('Please confirm that <a href="mailto:%(email)s">%(email)s</a> is an email address for user %(user_display)s.'),
    "Unable to confirm %(email)s because it is already confirmed by a different account.",
    (
        'This email confirmation link expired or is invalid. Please <a href="%(email_url)s">issue a new email '
        "confirmation request</a>."
    ),
    # Django: fields
    "This field is required.",
    "(Hidden field %(name)s) %(error)s",
    (
        "ManagementForm data is missing or has been tampered with. Missing fields: %(field_names)s. You may need to file "
        "a bug report if the issue persists."
    ),
    "This field cannot be blank.",
    "This field cannot be null.",
    "Enter a number.",
    "Enter a whole number.",
    "Enter a valid date.",
    "Enter a valid time.",
    "Enter a valid date/time.",
    "Enter a valid email address.",
    "Enter a valid URL.",
    "Enter a valid JSON.",
    "Enter a valid value.",
    "Enter a list of values.",
    "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
    "Select a valid choice. %(value)s is not one of the available choices.",
    "Select a valid choice. That choice is not one of the available choices.",
    "Ensure this value is greater than or equal to %(limit_value)s.",
    "Ensure this value is less than or equal to %(limit_value)s.",
    "Null characters are not allowed.",
    "No file was submitted. Check the encoding type on the form.",
    "No file was submitted.",
    "The submitted file is empty.",
    "%(model_name)s with this %(field_label)s already exists.",
    # Django: passwords
    "The password is too similar to the %(verbose_name)s.",
    "This password is too common.",
    "Your password can’t be too similar to your other personal information.",
    "Your password can’t be a commonly used password.",
)
_COUNTED = (
    (
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    ),
    (
        "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
    ),
    (
        "Ensure that there are no more than %(max)s digit in total.",
        "Ensure that there are no more than %(max)s digits in total.",
    ),
    (
        "Ensure that there are no more than %(max)s decimal place.",
        "Ensure that there are no more than %(max)s decimal places.",
    ),
    (
        "Ensure that there are no more than %(max)s digit before the decimal point.",
        "Ensure that there are no more than %(max)s digits before the decimal point.",
    ),
    (
        "Ensure this filename has at most %(max)d character (it has %(length)d).",
        "Ensure this filename has at most %(max)d characters (it has %(length)d).",
    ),
    (
        "This password is too short. It must contain at least %(min_length)d character.",
        "This password is too short. It must contain at least %(min_length)d characters.",
    ),
    (
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
)
BORROWED = (*map(Sentence, _PLAIN), *(Sentence(one, plural=many) for one, many in _COUNTED))
