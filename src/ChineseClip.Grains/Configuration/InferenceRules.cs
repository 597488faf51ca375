using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Configuration;

/// <summary>What bounds of single properties cannot say.</summary>
internal sealed class InferenceRules : IValidateOptions<InferenceOptions>
{
    private static readonly string[] Providers = ["cuda", "tensorrt", "cpu"];

    public ValidateOptionsResult Validate(string? name, InferenceOptions options)
    {
        List<string> failures = [];
        foreach (string provider in options.ExecutionProviders.Where(provider => !Providers.Contains(provider)))
        {
            failures.Add(
                $"{InferenceOptions.Section}:ExecutionProviders has \"{provider}\"; must be of {string.Join(", ", Providers)}.");
        }

        foreach ((string model, string directory) in options.Models)
        {
            if (model.Contains('/', StringComparison.Ordinal) || model.Length is 0 or > 64)
            {
                failures.Add($"{InferenceOptions.Section}:Models has the name \"{model}\"; must be 1..64 characters without '/'.");
            }

            if (!Directory.Exists(directory))
            {
                failures.Add(
                    $"{InferenceOptions.Section}:Models:{model} is \"{directory}\"; must be the directory of a model package.");
            }
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
