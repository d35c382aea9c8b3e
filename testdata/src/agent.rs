//! What callers call themselves: the values of `userAgent`.

/// Those of people in the console.
pub(crate) const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
];
/// Those of machines, functions and programs.
pub(crate) const PROGRAMS: [&str; 8] = [
    "aws-sdk-go-v2/1.36.3 os/linux lang/go#1.24.4 md/GOOS#linux md/GOARCH#arm64 api/orders#1.0.0",
    "Boto3/1.38.46 md/Botocore#1.38.46 ua/2.1 os/linux#6.1.140-154.222.amzn2023.x86_64 md/arch#x86_64 lang/python#3.12.11 md/pyimpl#CPython cfg/retry-mode#standard Botocore/1.38.46",
    "aws-sdk-java/2.31.63 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.141 lang/java#21.0.7 md/OpenJDK_64-Bit_Server_VM#21.0.7+6-LTS md/vendor#Amazon.com_Inc. md/en_US exec-env/AWS_ECS_FARGATE",
    "APN/1.0 HashiCorp/1.0 Terraform/1.12.2 (+https://www.terraform.io) terraform-provider-aws/6.3.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.36.5 ua/2.1 os/linux lang/go#1.24.4 md/GOOS#linux md/GOARCH#amd64",
    "aws-sdk-rust/1.3.8 ua/2.1 api/s3/1.96.0 os/linux lang/rust/1.88.0 md/exec-env#AWS_Lambda_provided.al2023",
    "aws-sdk-js/3.840.0 ua/2.1 os/linux#5.10.238 lang/js md/nodejs#22.17.0 exec-env/AWS_Lambda_nodejs22.x",
    "amazon-ssm-agent/3.3.1957.0",
    "kubelet/v1.33.1-eks-1-33 aws-sdk-go-v2/1.36.3",
];

/// What the command line says of itself, and of the command that made the call.
pub(crate) fn command_line(service: &str, name: &str) -> String {
    let mut command = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !command.is_empty() {
            command.push('-');
        }
        command.push(letter.to_ascii_lowercase());
    }
    format!(
        "aws-cli/2.27.49 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.13.4 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#{service}.{command}"
    )
}
