//! Who is who: STS, IAM, sign-in, organizations.

use super::Caller::{Anybody, Federated, Person, Service, Session, SignIn};
use super::Event;

const ROLE_RESOURCES: &str =
    r#"[{"accountId":"$account","type":"AWS::IAM::Role","ARN":"arn:aws:iam::$account:role/$role"}]"#;

pub(super) const EVENTS: &[Event] = &[
    Event::read(620, "sts", "AssumeRole")
        .request(r#"{"roleArn":"arn:aws:iam::$account:role/$role","roleSessionName":"$session","durationSeconds":$seconds}"#)
        .response(r#"{"credentials":{"accessKeyId":"$asia","sessionToken":"IQoJb3JpZ2luX2VjE$token==","expiration":"$expiry"},"assumedRoleUser":{"assumedRoleId":"$roleid:$session","arn":"arn:aws:sts::$account:assumed-role/$role/$session"}}"#)
        .resources(ROLE_RESOURCES)
        .by(Service("ec2")),
    Event::read(60, "sts", "AssumeRoleWithWebIdentity")
        .request(r#"{"roleArn":"arn:aws:iam::$account:role/$role","roleSessionName":"$session"}"#)
        .response(r#"{"credentials":{"accessKeyId":"$asia","sessionToken":"IQoJb3JpZ2luX2VjE$token==","expiration":"$expiry"},"subjectFromWebIdentityToken":"system:serviceaccount:port:$name","assumedRoleUser":{"assumedRoleId":"$roleid:$session","arn":"arn:aws:sts::$account:assumed-role/$role/$session"},"provider":"arn:aws:iam::$account:oidc-provider/oidc.eks.$region.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF","audience":"sts.amazonaws.com"}"#)
        .resources(ROLE_RESOURCES)
        .by(Federated),
    Event::read(12, "sts", "AssumeRoleWithSAML")
        .request(r#"{"sAMLAssertionID":"_$uuid","roleSessionName":"$user@example.com","roleArn":"arn:aws:iam::$account:role/$role","principalArn":"arn:aws:iam::$account:saml-provider/harbourline-idp","durationSeconds":$seconds}"#)
        .response(r#"{"subjectType":"persistent","issuer":"https://idp.example.com/metadata","nameQualifier":"$base64=","subject":"$user@example.com","audience":"https://signin.aws.amazon.com/saml","credentials":{"accessKeyId":"$asia","sessionToken":"IQoJb3JpZ2luX2VjE$token==","expiration":"$expiry"},"assumedRoleUser":{"assumedRoleId":"$roleid:$user@example.com","arn":"arn:aws:sts::$account:assumed-role/$role/$user@example.com"}}"#)
        .resources(ROLE_RESOURCES)
        .by(Federated),
    Event::read(120, "sts", "GetCallerIdentity").by(Anybody),
    Event::read(6, "sts", "GetSessionToken")
        .request(r#"{"durationSeconds":$seconds,"serialNumber":"arn:aws:iam::$account:mfa/$user"}"#)
        .response(r#"{"credentials":{"accessKeyId":"$asia","sessionToken":"IQoJb3JpZ2luX2VjE$token==","expiration":"$expiry"}}"#),
    Event::read(4, "sts", "GetFederationToken")
        .request(r#"{"name":"$name","policy":"{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\"}]\n}","durationSeconds":$seconds}"#)
        .response(r#"{"credentials":{"accessKeyId":"$asia","sessionToken":"IQoJb3JpZ2luX2VjE$token==","expiration":"$expiry"},"federatedUser":{"federatedUserId":"$account:$name","arn":"arn:aws:sts::$account:federated-user/$name"},"packedPolicySize":4}"#),
    Event::write(12, "signin", "ConsoleLogin")
        .response(r#"{"ConsoleLogin":"Success"}"#)
        .additional(r#"{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_$region_$serial","MobileVersion":"No","MFAIdentifier":"arn:aws:iam::$account:mfa/$user","MFAUsed":"Yes"}"#)
        .event_type("AwsConsoleSignIn")
        .by(SignIn),
    Event::write(4, "signin", "SwitchRole")
        .response(r#"{"SwitchRole":"Success"}"#)
        .additional(r#"{"SwitchFrom":"arn:aws:iam::$account:user/$user","RedirectTo":"https://$region.console.aws.amazon.com/console/home?region=$region#"}"#)
        .event_type("AwsConsoleSignIn")
        .by(Session),
    Event::read(30, "iam", "ListRoles").request(r#"{"maxItems":$count}"#),
    Event::read(26, "iam", "GetRole").request(r#"{"roleName":"$role"}"#),
    Event::read(20, "iam", "ListUsers").request(r#"{"maxItems":$count}"#),
    Event::read(14, "iam", "GetUser").request(r#"{"userName":"$user"}"#),
    Event::read(20, "iam", "ListAttachedRolePolicies").request(r#"{"roleName":"$role"}"#),
    Event::read(10, "iam", "ListAccessKeys").request(r#"{"userName":"$user"}"#),
    Event::read(10, "iam", "GetAccountSummary"),
    Event::read(8, "iam", "GetPolicyVersion").request(r#"{"policyArn":"arn:aws:iam::$account:policy/$name-access","versionId":"v$small"}"#),
    Event::read(5, "iam", "SimulatePrincipalPolicy").request(r#"{"policySourceArn":"arn:aws:iam::$account:role/$role","actionNames":["s3:GetObject","kms:Decrypt"],"resourceArns":["arn:aws:s3:::$bucket/*"]}"#).by(Person),
    Event::read(0, "iam", "GetAccountAuthorizationDetails").request(r#"{"maxItems":1000}"#),
    Event::write(2, "iam", "CreateRole")
        .request(r#"{"path":"/service-role/","roleName":"$name-role-$small","assumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}","maxSessionDuration":3600}"#)
        .response(r#"{"role":{"path":"/service-role/","roleName":"$name-role","roleId":"$roleid","arn":"arn:aws:iam::$account:role/service-role/$name-role","createDate":"$spoken","assumeRolePolicyDocument":"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%7D%5D%7D"}}"#),
    Event::write(2, "iam", "AttachRolePolicy").request(r#"{"roleName":"$role","policyArn":"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}"#),
    Event::write(1, "iam", "UpdateAccessKey").request(r#"{"userName":"$user","accessKeyId":"$userkey","status":"Inactive"}"#),
    Event::write(1, "iam", "CreateAccessKey")
        .request(r#"{"userName":"$user"}"#)
        .response(r#"{"accessKey":{"userName":"$user","accessKeyId":"$userkey","status":"Active","createDate":"$spoken"}}"#),
    Event::write(1, "iam", "CreateUser")
        .request(r#"{"userName":"$user","tags":[]}"#)
        .response(r#"{"user":{"path":"/","userName":"$user","userId":"$userid","arn":"arn:aws:iam::$account:user/$user","createDate":"$spoken"}}"#),
    Event::write(0, "iam", "AttachUserPolicy").request(r#"{"userName":"$user","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"#),
    Event::write(0, "iam", "CreateLoginProfile")
        .request(r#"{"userName":"$user","passwordResetRequired":false}"#)
        .response(r#"{"loginProfile":{"userName":"$user","createDate":"$spoken","passwordResetRequired":false}}"#),
    Event::write(0, "iam", "UpdateAssumeRolePolicy")
        .request(r#"{"roleName":"$role","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::999999999999:root\"},\"Action\":\"sts:AssumeRole\"}]}"}"#),
    Event::read(8, "organizations", "ListAccounts").request(r#"{"maxResults":20}"#),
    Event::read(6, "organizations", "DescribeOrganization"),
    Event::read(14, "sso", "GetRoleCredentials").request(r#"{"roleName":"PowerUserAccess","accountId":"$account"}"#).by(Person),
];
