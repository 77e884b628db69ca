"""How Segment's spec writes names: events in Proper Case, properties in snake_case, one name for each thing (D40)."""

import re
from typing import Final

# Events that Segment's spec names: online shops, mobile apps, business software, mails, chats, videos.
STANDARD_EVENTS: Final = (
    "Products Searched", "Product List Viewed", "Product List Filtered", "Promotion Viewed", "Promotion Clicked",
    "Product Clicked", "Product Viewed", "Product Added", "Product Removed", "Cart Viewed", "Checkout Started",
    "Checkout Step Viewed", "Checkout Step Completed", "Payment Info Entered", "Order Completed", "Order Updated",
    "Order Refunded", "Order Cancelled", "Coupon Entered", "Coupon Applied", "Coupon Denied", "Coupon Removed",
    "Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart", "Product Shared",
    "Cart Shared", "Product Reviewed",
    "Application Installed", "Application Opened", "Application Updated", "Application Backgrounded",
    "Application Foregrounded", "Application Crashed", "Application Uninstalled", "Push Notification Received",
    "Push Notification Tapped", "Push Notification Bounced", "Install Attributed", "Deep Link Clicked",
    "Deep Link Opened",
    "Account Created", "Account Deleted", "Signed Up", "Signed In", "Signed Out", "Invite Sent",
    "Account Added User", "Account Removed User", "Trial Started", "Trial Ended",
    "Email Bounced", "Email Delivered", "Email Link Clicked", "Email Marked as Spam", "Email Opened", "Unsubscribed",
    "Live Chat Conversation Started", "Live Chat Conversation Ended", "Live Chat Message Sent",
    "Live Chat Message Received",
    "Video Playback Started", "Video Playback Paused", "Video Playback Resumed", "Video Playback Completed",
    "Video Content Started", "Video Content Playing", "Video Content Completed", "Video Ad Started",
    "Video Ad Completed", "Experiment Viewed", "Form Submitted",
)  # fmt: skip
# Other words for the same things. The first two are the examples of D40.
_OTHER_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "Order Completed": ("purchase", "purchased", "purchase completed", "completed purchase", "completed order",
                        "order placed", "placed order", "transaction", "transaction completed", "sale", "order"),
    "Application Installed": ("install", "installed", "app install", "app installed", "first open"),
    "Application Opened": ("app open", "app opened", "app launch", "app launched", "opened app"),
    "Application Updated": ("app update", "app updated"),
    "Application Uninstalled": ("uninstall", "app uninstalled", "app uninstall"),
    "Product Added": ("add to cart", "added to cart", "cart add", "added product"),
    "Product Removed": ("remove from cart", "removed from cart", "removed product"),
    "Product Viewed": ("view product", "viewed product", "view item", "product view", "view content"),
    "Product Clicked": ("click product", "clicked product", "select item"),
    "Product List Viewed": ("view category", "viewed product category", "view item list", "category viewed"),
    "Products Searched": ("search", "searched", "product search", "searched products"),
    "Cart Viewed": ("view cart", "viewed cart"),
    "Checkout Started": ("begin checkout", "initiate checkout", "start checkout", "started checkout", "checkout"),
    "Payment Info Entered": ("add payment info", "payment info added"),
    "Order Refunded": ("refund", "refunded", "purchase refunded"),
    "Order Cancelled": ("order canceled", "cancel order", "cancelled order"),
    "Product Added to Wishlist": ("add to wishlist", "added to wishlist"),
    "Signed Up": ("sign up", "signup", "registration", "registered", "complete registration", "user signed up"),
    "Signed In": ("sign in", "login", "log in", "logged in"),
    "Signed Out": ("sign out", "logout", "log out", "logged out"),
    "Account Created": ("create account", "created account"),
    "Trial Started": ("start trial", "started trial"),
    "Email Opened": ("email open", "opened email"),
    "Email Link Clicked": ("email click", "email clicked", "clicked email"),
    "Push Notification Tapped": ("push opened", "push tapped", "push clicked"),
    "Deep Link Opened": ("deeplink opened", "deep link open"),
    "Form Submitted": ("submit form", "form submit"),
}  # fmt: skip
_SMALL: Final = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)


def _plain(name: str) -> str:
    """“order_completed”, “OrderCompleted” and “Order Completed” are the same words."""
    return " ".join(_words(name)).lower()


def _words(name: str) -> list[str]:
    """“iOS” is one word, “userID” two."""
    apart = re.sub(r"(?<=[a-z0-9]{2})(?=[A-Z])|(?<=[a-z0-9])(?=[A-Z][a-z])", " ", name)
    return [word for word in re.split(r"[\s_\-.:/]+", apart) if word]


_STANDARD: Final = {_plain(name): name for name in STANDARD_EVENTS} | {
    _plain(other): name for name, others in _OTHER_WORDS.items() for other in others
}


def standard_event(name: str) -> str:
    """What the spec calls this event: “Purchase” is “Order Completed” (D40). "" when the spec does not know it."""
    return _STANDARD.get(_plain(name), "")


def proper_case(name: str) -> str:
    """The name as the spec writes events: “signed_up” becomes “Signed Up”."""
    words = _words(name)
    return " ".join(word if index and word in _SMALL else _capital(word) for index, word in enumerate(words))


def _capital(word: str) -> str:
    """An initial capital; names such as “iOS” and “SMS” keep theirs."""
    return word[:1].upper() + word[1:] if word.islower() else word


def is_proper_case(name: str) -> bool:
    return name == proper_case(name)


def snake_case(name: str) -> str:
    """The name as the spec writes properties: “orderId” becomes “order_id”."""
    return "_".join(word.lower() for word in _words(name))


def is_snake_case(name: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) is not None
