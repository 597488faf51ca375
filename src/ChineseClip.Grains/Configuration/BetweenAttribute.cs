using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace ChineseClip.Grains.Configuration;

/// <summary>A bound whose message names the key, the value and the bound: <c>Inference:MaxBatchSize is 0; must be 1..256.</c></summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BetweenAttribute(double minimum, double maximum) : ValidationAttribute
{
    public double Minimum => minimum;

    public double Maximum => maximum;

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        // TimeSpans are bounded in milliseconds.
        double number = value is TimeSpan time ? time.TotalMilliseconds
            : Convert.ToDouble(value, CultureInfo.InvariantCulture);
        if (number >= minimum && number <= maximum)
        {
            return ValidationResult.Success;
        }

        object? section = validationContext.ObjectType
            .GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue();
        string bounds = value is TimeSpan
            ? $"{TimeSpan.FromMilliseconds(minimum)}..{TimeSpan.FromMilliseconds(maximum)}"
            : string.Create(CultureInfo.InvariantCulture, $"{minimum}..{maximum}");
        return new ValidationResult(string.Create(
            CultureInfo.InvariantCulture, $"{section}:{validationContext.MemberName} is {value}; must be {bounds}."));
    }
}
