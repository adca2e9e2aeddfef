"""Every mail provider that hands a message out only when it is asked, by its name."""

from consent.incoming import amazon_ses, mailtrap, resend
from consent.incoming.contract import Holder

HOLDERS: dict[str, Holder] = {"amazon_ses": amazon_ses, "mailtrap": mailtrap, "resend": resend}
