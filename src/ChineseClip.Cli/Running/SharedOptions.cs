using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using ChineseClip.Model;

namespace ChineseClip.Cli.Running;

/// <summary>Options that several commands have, each made anew for its command.</summary>
internal static class SharedOptions
{
    public const string DefaultServer = "http://localhost:8080";

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document on standard output and nothing else there." };

    public static Option<string> Model() => new("--model")
    {
        Description = "A model package: its directory, or its name in the models directory; 'demo' is the one shipped.",
        HelpName = "DIR|NAME",
        Required = true,
    };

    /// <summary>Whose behaviour to follow where Hugging Face's and OFA-Sys' differ.</summary>
    public static Option<string?> Reference()
    {
        Option<string?> option = new("--reference") { Description = "Whose behaviour to follow, Hugging Face's or OFA-Sys'; default hf." };
        RequireOneOf(option, "hf", "ofa");
        return option;
    }

    /// <summary>How a package keeps matrices.</summary>
    public static Option<string> Precision()
    {
        Option<string> option = new("--precision") { Description = "How matrices are kept.", DefaultValueFactory = _ => "fp32" };
        RequireOneOf(option, "fp32", "fp16", "int8");
        return option;
    }

    public static TokenizerReference ReferenceOf(string? given) =>
        given == "ofa" ? TokenizerReference.OfaSys : TokenizerReference.HuggingFace;

    public static Option<string> Collection() => new("--collection") { Description = "The collection.", HelpName = "NAME", Required = true };

    public static Argument<string> CollectionName() => new("name") { Description = "The collection." };

    public static Option<Uri> Server()
    {
        Option<Uri> option = new("--server")
        {
            Description = "The server.",
            HelpName = "URL",
            DefaultValueFactory = _ => new Uri(DefaultServer),
            CustomParser = result =>
            {
                string value = result.Tokens[0].Value;
                if (Uri.TryCreate(value, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https")
                {
                    return address;
                }

                result.AddError($"--server is '{value}'; must be an http or https address such as {DefaultServer}.");
                return null;
            },
        };
        return option;
    }

    public static Option<string[]> Texts(bool required = false) => Several("--text", "A text; may be given several times.", "TEXT", required);

    public static Option<string[]> Images(bool required = false) =>
        Several("--image", "A picture file; may be given several times.", "FILE", required);

    public static Option<bool> Stdin() => new("--stdin") { Description = "Read more texts from standard input, one a line." };

    /// <summary>A whole number within bounds; anything else is a wrong command line.</summary>
    public static Option<int> Number(string name, string description, int byDefault, (int Least, int Most) bounds)
    {
        Option<int> option = new(name) { Description = $"{description}; {bounds.Least}..{bounds.Most}.", HelpName = "N" };
        option.DefaultValueFactory = _ => byDefault;
        option.CustomParser = result =>
        {
            string value = result.Tokens[0].Value;
            if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                && number >= bounds.Least
                && number <= bounds.Most)
            {
                return number;
            }

            result.AddError($"{name} is '{value}'; must be a whole number, {bounds.Least}..{bounds.Most}.");
            return byDefault;
        };
        return option;
    }

    /// <summary>Anything else is a wrong command line.</summary>
    private static void RequireOneOf(Option option, params string[] known)
    {
        option.HelpName = string.Join('|', known);
        option.CompletionSources.Add(_ => known.Select(value => new CompletionItem(value)));
        option.Validators.Add(result =>
        {
            foreach (string value in result.Tokens.Select(token => token.Value).Where(value => !known.Contains(value)))
            {
                result.AddError($"{option.Name} is '{value}'; must be {string.Join(", ", known[..^1])} or {known[^1]}.");
            }
        });
    }

    private static Option<string[]> Several(string name, string description, string helpName, bool required)
    {
        Option<string[]> option = new(name)
        {
            Description = description,
            HelpName = helpName,
            AllowMultipleArgumentsPerToken = true,
            Required = required,
        };
        if (!required)
        {
            option.DefaultValueFactory = _ => [];
        }

        return option;
    }
}
