using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Configuration;

/// <summary>The provider is known and has what it needs.</summary>
internal sealed class StorageRules : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        if (options.Provider != StorageOptions.Files)
        {
            return ValidateOptionsResult.Fail(
                $"{StorageOptions.Section}:Provider is \"{options.Provider}\"; must be {StorageOptions.Files}.");
        }

        return string.IsNullOrWhiteSpace(options.Directory)
            ? ValidateOptionsResult.Fail($"{StorageOptions.Section}:Directory is empty; must be a directory.")
            : ValidateOptionsResult.Success;
    }
}
