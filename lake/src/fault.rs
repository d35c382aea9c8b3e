//! What a store says when it fails, in a person's words.

use std::error::Error;
use std::fmt;

/// Why a store failed: what S3 said in its XML, or the error as it is.
#[derive(Debug)]
pub struct StoreFault(Box<Fault>);

#[derive(Debug)]
struct Fault {
    error: object_store::Error,
    said: Option<Said>,
}

/// What S3 said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    /// One of S3's codes, such as `AccessDenied`.
    code: String,
    /// Its sentence; empty where it said nothing but a status.
    message: String,
}

impl StoreFault {
    /// The error of the store itself.
    pub fn error(&self) -> &object_store::Error {
        &self.0.error
    }

    /// The code that S3 failed with, such as `AccessDenied`; where an answer has no body, the one that its status means.
    pub fn code(&self) -> Option<&str> {
        self.0.said.as_ref().map(|said| said.code.as_str())
    }

    /// What to try next.
    pub fn hint(&self) -> Option<&'static str> {
        let code = self.code()?;
        HINTS.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, hint)| *hint)
    }
}

/// What to try, by S3's codes.
const HINTS: [(&[&str], &str); 8] = [
    (
        &["AccessDenied", "AllAccessDisabled", "AccountProblem"],
        "these credentials may not do that: they need s3:ListBucket, s3:GetObject and, for a lake, s3:PutObject and \
         s3:DeleteObject, and rights on the KMS key of what is encrypted",
    ),
    (&["NoSuchBucket", "InvalidBucketName"], "check the bucket's name, and whose credentials these are"),
    (
        &[
            "PermanentRedirect",
            "AuthorizationHeaderMalformed",
            "TemporaryRedirect",
            "IllegalLocationConstraintException",
        ],
        "the bucket is in another region: set AWS_REGION to it",
    ),
    (
        &["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"],
        "sign in again, for instance with `aws sso login`, then run again to continue",
    ),
    (
        &["InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "NoCredentials"],
        "set credentials as the AWS CLI wants them: AWS_PROFILE, or AWS_ACCESS_KEY_ID and its like",
    ),
    (&["RequestTimeTooSkewed"], "set this machine's clock"),
    (
        &["SlowDown", "ServiceUnavailable", "TooManyRequests"],
        "S3 asks to slow down: run again later, or with fewer `--threads`",
    ),
    (&["InternalError", "OperationAborted", "RequestTimeout"], "run again to continue"),
];

impl From<object_store::Error> for StoreFault {
    fn from(error: object_store::Error) -> Self {
        let said = said(&error);
        Self(Box::new(Fault { error, said }))
    }
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.said {
            Some(Said { code, message }) if message.is_empty() => write!(f, "S3 says {code}"),
            Some(Said { code, message }) => write!(f, "S3 says {code}: {}", message.trim_end_matches('.')),
            None => self.0.error.fmt(f),
        }
    }
}

impl Error for StoreFault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // What S3 said stands in the text; the rest is about requests and retries.
        if self.0.said.is_some() { None } else { self.0.error.source() }
    }
}

fn said(error: &object_store::Error) -> Option<Said> {
    if let object_store::Error::Generic { store: NO_CREDENTIALS, source } = error {
        return Some(Said { code: NO_CREDENTIALS.to_owned(), message: source.to_string() });
    }
    let text = deepest_with_status(error)?;
    let code = element(&text, "Code").map(str::to_owned).or_else(|| code_of_status(&text))?;
    let message = element(&text, "Message").unwrap_or_default().to_owned();
    Some(Said { code, message })
}

/// The store by which an error says that there are no credentials.
pub const NO_CREDENTIALS: &str = "NoCredentials";

/// What a request's error says of the answer. Files have none.
fn deepest_with_status(error: &object_store::Error) -> Option<String> {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    let mut found = None;
    while let Some(error) = source {
        let text = error.to_string();
        if text.contains("Server returned") || text.contains("redirect without LOCATION") {
            found = Some(text);
        }
        source = error.source();
    }
    found
}

/// The text of an XML element; S3's have no attributes there.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(value, _)| value)
}

/// What a status without a body means: HEAD has none.
fn code_of_status(text: &str) -> Option<String> {
    let code = match () {
        () if text.contains("redirect without LOCATION") || text.contains("code: 301") => "PermanentRedirect",
        () if text.contains("code: 400") => "BadRequest",
        () if text.contains("code: 401") => "InvalidAccessKeyId",
        () if text.contains("code: 403") => "AccessDenied",
        () if text.contains("code: 429") => "TooManyRequests",
        () if text.contains("code: 500") => "InternalError",
        () if text.contains("code: 503") => "SlowDown",
        () => return None,
    };
    Some(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Text(&'static str);

    fn fault(text: &'static str) -> StoreFault {
        object_store::Error::Generic { store: "S3", source: Box::new(Text(text)) }.into()
    }

    #[test]
    fn what_s3_says_is_told_without_its_xml() {
        let text = "Error performing GET http://x in 1ms - Server returned non-2xx status code: 403 Forbidden: <?xml \
                    version=\"1.0\"?><Error><Code>ExpiredToken</Code><Message>The token has expired.</Message></Error>";
        let fault = fault(text);
        assert_eq!(fault.to_string(), "S3 says ExpiredToken: The token has expired");
        assert!(fault.hint().unwrap().starts_with("sign in again"));
        assert!(Error::source(&fault).is_none());
    }

    #[test]
    fn a_status_without_a_body_is_what_it_means() {
        for (text, code) in [
            ("Server returned non-2xx status code: 403 Forbidden: ", Some("AccessDenied")),
            ("Received redirect without LOCATION, this normally …", Some("PermanentRedirect")),
            ("Server returned non-2xx status code: 418 I'm a teapot: ", None),
            ("the disk is full", None),
        ] {
            assert_eq!(fault(text).code(), code, "{text}");
        }
        assert!(fault("the disk is full").to_string().contains("the disk is full"));
    }
}
